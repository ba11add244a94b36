/** SQL for what a digest shows, in the mail and on the web. */
import { inArray } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { digestPapers, digests, papers } from '../db/schema.ts';
import type { ShownPaper } from '../mail/digest-view.ts';

/** A digest as it was composed, ready to be shown. */
export interface DigestContent {
  digestId: number;
  subscriberId: number;
  edition: string;
  composedAt: Date;
  filled: boolean;
  papers: { paper: ShownPaper; reasons: unknown }[];
  alsoTrending: { paper: ShownPaper; reason: unknown }[];
}

/** The digests of these ids with their papers in order. A paper that many of them share is read once. */
export async function listDigestContents(
  db: Sql,
  digestIds: readonly number[],
): Promise<Map<number, DigestContent>> {
  if (digestIds.length === 0) return new Map();
  const ids = [...digestIds];
  const [rows, chosen] = await Promise.all([
    db
      .select({
        digestId: digests.id,
        subscriberId: digests.subscriberId,
        edition: digests.edition,
        composedAt: digests.composedAt,
        filled: digests.filled,
        alsoTrending: digests.alsoTrending,
      })
      .from(digests)
      .where(inArray(digests.id, ids)),
    // As rows: gathered into JSON there, they take Postgres and the driver three times as long.
    db
      .select({
        digestId: digestPapers.digestId,
        paperId: digestPapers.paperId,
        reasons: digestPapers.reasons,
      })
      .from(digestPapers)
      .where(inArray(digestPapers.digestId, ids))
      .orderBy(digestPapers.digestId, digestPapers.position),
  ]);
  const named = [...chosen, ...rows.flatMap(({ alsoTrending }) => alsoTrending)];
  const shown = await listShownPapers(db, [...new Set(named.map(({ paperId }) => paperId))]);
  const contents = new Map<number, DigestContent>();
  for (const { alsoTrending, ...digest } of rows) {
    const alsoOf = alsoTrending.flatMap(({ paperId, reason }) => {
      const paper = shown.get(paperId);
      return paper ? [{ paper, reason }] : [];
    });
    contents.set(digest.digestId, { papers: [], alsoTrending: alsoOf, ...digest });
  }
  for (const { digestId, paperId, reasons } of chosen) {
    const paper = shown.get(paperId);
    if (paper) contents.get(digestId)?.papers.push({ paper, reasons });
  }
  return contents;
}

async function listShownPapers(db: Sql, ids: readonly number[]): Promise<Map<number, ShownPaper>> {
  const rows = await db
    .select({
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
    .from(papers)
    .where(inArray(papers.id, [...ids]));
  return new Map(rows.map((paper) => [paper.id, paper]));
}
