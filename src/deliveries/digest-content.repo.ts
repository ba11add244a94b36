/** SQL for what a digest shows, in the mail and on the web. */
import { eq, inArray, sql } from 'drizzle-orm';
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
  const rows = await db
    .select({
      digestId: digests.id,
      subscriberId: digests.subscriberId,
      edition: digests.edition,
      composedAt: digests.composedAt,
      filled: digests.filled,
      alsoTrending: digests.alsoTrending,
      chosen: sql<{ id: number; reasons: unknown }[]>`json_agg(
        json_build_object('id', ${digestPapers.paperId}, 'reasons', ${digestPapers.reasons}) order by ${digestPapers.position})`,
    })
    .from(digests)
    .innerJoin(digestPapers, eq(digestPapers.digestId, digests.id))
    .where(inArray(digests.id, [...digestIds]))
    .groupBy(digests.id);
  const shown = await listShownPapers(db, [
    ...new Set(
      rows.flatMap(({ chosen, alsoTrending }) => [
        ...chosen.map(({ id }) => id),
        ...alsoTrending.map(({ paperId }) => paperId),
      ]),
    ),
  ]);
  return new Map(
    rows.map(({ chosen, alsoTrending, ...digest }) => {
      const papersOf = chosen.flatMap(({ id, reasons }) => {
        const paper = shown.get(id);
        return paper ? [{ paper, reasons }] : [];
      });
      const alsoOf = alsoTrending.flatMap(({ paperId, reason }) => {
        const paper = shown.get(paperId);
        return paper ? [{ paper, reason }] : [];
      });
      return [digest.digestId, { ...digest, papers: papersOf, alsoTrending: alsoOf }];
    }),
  );
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
