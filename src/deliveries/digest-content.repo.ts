/** SQL for what a digest shows, in the mail and on the web. */
import { asc, eq, inArray } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { digestPapers, digests, papers } from '../db/schema.ts';
import type { DigestPaperSource } from '../mail/digest-view.ts';

/** A digest as it was composed, ready to be shown. */
export interface DigestContent {
  digestId: number;
  subscriberId: number;
  edition: string;
  composedAt: Date;
  filled: boolean;
  papers: DigestPaperSource[];
}

/** The digests of these ids with their papers in order. */
export async function listDigestContents(
  db: Sql,
  digestIds: readonly number[],
): Promise<Map<number, DigestContent>> {
  if (digestIds.length === 0) return new Map();
  const rows = await db
    .select({
      digestId: digests.id,
      subscriberId: digests.subscriberId,
      edition: digests.edition,
      composedAt: digests.composedAt,
      filled: digests.filled,
      reasons: digestPapers.reasons,
      id: papers.id,
      title: papers.title,
      abstract: papers.abstract,
      authors: papers.authors,
      categories: papers.categories,
      publishedAt: papers.publishedAt,
      arxivId: papers.arxivId,
      url: papers.url,
      codeUrl: papers.codeUrl,
      venue: papers.venue,
      openAccessUrl: papers.openAccessUrl,
      fieldsOfStudy: papers.fieldsOfStudy,
    })
    .from(digests)
    .innerJoin(digestPapers, eq(digestPapers.digestId, digests.id))
    .innerJoin(papers, eq(papers.id, digestPapers.paperId))
    .where(inArray(digests.id, [...digestIds]))
    .orderBy(asc(digests.id), asc(digestPapers.position));
  const contents = new Map<number, DigestContent>();
  for (const { digestId, subscriberId, edition, composedAt, filled, ...paper } of rows) {
    const content = contents.get(digestId) ?? {
      digestId,
      subscriberId,
      edition,
      composedAt,
      filled,
      papers: [],
    };
    content.papers.push(paper);
    contents.set(digestId, content);
  }
  return contents;
}
