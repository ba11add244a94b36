/** SQL for everything that is held about one reader. */
import { and, asc, eq, gt, ne, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { bounces, consents, deliveries, digestPapers, digests, feedback, papers } from '../db/schema.ts';

export async function listConsents(db: Sql, subscriberId: number) {
  return db
    .select({ action: consents.action, via: consents.via, at: consents.createdAt })
    .from(consents)
    .where(eq(consents.subscriberId, subscriberId))
    .orderBy(asc(consents.createdAt), asc(consents.id));
}

/** All of them, oldest first; the preference page shows the latest. */
export async function listAllVerdicts(db: Sql, subscriberId: number) {
  return db
    .select({
      verdict: feedback.verdict,
      at: feedback.createdAt,
      title: papers.title,
      arxivId: papers.arxivId,
      doi: papers.doi,
      url: papers.url,
    })
    .from(feedback)
    .innerJoin(papers, eq(papers.id, feedback.paperId))
    .where(eq(feedback.subscriberId, subscriberId))
    .orderBy(asc(feedback.createdAt), asc(feedback.paperId));
}

/** Mails to the reader's own address. */
export async function listMails(db: Sql, subscriberId: number) {
  return db
    .select({
      id: deliveries.id,
      kind: deliveries.kind,
      edition: digests.edition,
      status: deliveries.status,
      createdAt: deliveries.createdAt,
      finishedAt: deliveries.finishedAt,
    })
    .from(deliveries)
    .leftJoin(digests, eq(digests.id, deliveries.digestId))
    .where(and(eq(deliveries.subscriberId, subscriberId), ne(deliveries.kind, 'new_address')))
    .orderBy(asc(deliveries.id));
}

export async function listBounces(db: Sql, subscriberId: number) {
  return db
    .select({
      deliveryId: bounces.deliveryId,
      kind: bounces.kind,
      status: bounces.status,
      reason: bounces.reason,
      at: bounces.createdAt,
    })
    .from(bounces)
    .innerJoin(deliveries, eq(deliveries.id, bounces.deliveryId))
    .where(and(eq(deliveries.subscriberId, subscriberId), ne(deliveries.kind, 'new_address')))
    .orderBy(asc(bounces.createdAt));
}

/** When other addresses were asked whether the digest may go there. */
export async function listAskedAt(db: Sql, subscriberId: number): Promise<Date[]> {
  const rows = await db
    .select({ at: deliveries.createdAt })
    .from(deliveries)
    .where(and(eq(deliveries.subscriberId, subscriberId), eq(deliveries.kind, 'new_address')))
    .orderBy(asc(deliveries.id));
  return rows.map(({ at }) => at);
}

export interface StoredDigest {
  id: number;
  edition: string;
  composedAt: Date;
  filled: boolean;
  /** Best first. */
  papers: {
    title: string;
    arxivId: string | null;
    doi: string | null;
    url: string | null;
    score: number;
    reasons: unknown;
  }[];
  alsoTrending: { title: string; arxivId: string | null; doi: string | null; url: string | null }[];
}

/** The next `limit` digests of a reader by id after `afterId`. */
export async function listDigestsAfter(
  db: Sql,
  { subscriberId, afterId, limit }: { subscriberId: number; afterId: number; limit: number },
): Promise<StoredDigest[]> {
  return db
    .select({
      id: digests.id,
      edition: digests.edition,
      composedAt: digests.composedAt,
      filled: digests.filled,
      papers: sql<StoredDigest['papers']>`json_agg(json_build_object(
        'title', ${papers.title}, 'arxivId', ${papers.arxivId}, 'doi', ${papers.doi}, 'url', ${papers.url},
        'score', ${digestPapers.score}, 'reasons', ${digestPapers.reasons}) order by ${digestPapers.position})`,
      alsoTrending: sql<StoredDigest['alsoTrending']>`(
        select coalesce(json_agg(json_build_object(
          'title', p.title, 'arxivId', p.arxiv_id, 'doi', p.doi, 'url', p.url) order by also.at), '[]')
        from jsonb_array_elements(${digests.alsoTrending}) with ordinality as also (named, at)
        join ${papers} p on p.id = (also.named ->> 'paperId')::bigint)`,
    })
    .from(digests)
    .innerJoin(digestPapers, eq(digestPapers.digestId, digests.id))
    .innerJoin(papers, eq(papers.id, digestPapers.paperId))
    .where(and(eq(digests.subscriberId, subscriberId), gt(digests.id, afterId)))
    .groupBy(digests.id)
    .orderBy(asc(digests.id))
    .limit(limit);
}
