/** What every digest of one moment is made from: the newest papers, indexed once per process, and the topics. */
import type { Context } from '../context.ts';
import { listComparedPapers } from '../papers/liked-papers.repo.ts';
import { listNewestPapers, type StoredPaper } from '../papers/papers.repo.ts';
import { extendIndex } from '../ranking/extend-index.ts';
import { buildPaperIndex, type PaperIndex } from '../ranking/paper-index.ts';
import { listTopics, type Topic } from '../subscribers/topics.repo.ts';
import { findLatestVerdictAt, listJudgedPaperIds, listLikedTogether } from './digests.repo.ts';

export interface Edition {
  /** Of the candidates, and of older papers that readers liked or disliked. */
  index: PaperIndex;
  /** The candidates: what a digest may bring. */
  papers: ReadonlyMap<number, StoredPaper>;
  /** Papers of the index that are there to be compared with, and never sent. */
  comparedIds: ReadonlySet<number>;
  topics: ReadonlyMap<number, Topic>;
  /** The smallest paper id of the edition: what was sent before it doesn't matter. */
  firstPaperId: number;
  /** What readers said later is not in it. */
  loadedAt: Date;
}

/** About a week of the arXiv's computer science; more would be older than a weekly reader's last digest. */
const MAX_CANDIDATES = 5000;
/** Verdicts whose papers an edition holds: some thousand papers, as readers of one field like the same ones. */
const MAX_VERDICTS = 20_000;
/** How long an edition serves: pages composed in these minutes share one index. */
const SHARED_MS = 5 * 60_000;

interface Shared {
  slot: number;
  edition: Promise<Edition>;
  /** That of the slot before, while this one is made. */
  before: Promise<Edition> | null;
}

const shared = new WeakMap<object, Shared>();

/** The edition at this moment; pages that follow each other get the same one. */
export function openEdition(ctx: Context, at: Date): Promise<Edition> {
  const slot = Math.floor(at.getTime() / SHARED_MS);
  const known = shared.get(ctx.db);
  if (known?.slot === slot) return known.edition;
  const edition = loadEdition(ctx, at);
  const opened: Shared = { slot, edition, before: known?.slot === slot - 1 ? known.edition : null };
  shared.set(ctx.db, opened);
  edition.then(
    () => {
      opened.before = null;
    },
    // A failed load is not kept for the next page.
    () => shared.delete(ctx.db),
  );
  return edition;
}

/** The same for a page on the site: while an edition is made anew, the one before is shown, and nobody waits for seconds. */
export function openShownEdition(ctx: Context, at: Date): Promise<Edition> {
  const edition = openEdition(ctx, at);
  return shared.get(ctx.db)?.before ?? edition;
}

/**
 * The same for one reader who waits: for a first digest, or a preview. Where they liked papers after the shared edition
 * was loaded, it is loaded anew, so that the very first digest follows a bibliography.
 */
export async function openEditionFor(ctx: Context, at: Date, subscriberId: number): Promise<Edition> {
  const edition = await openEdition(ctx, at);
  const latest = await findLatestVerdictAt(ctx.db, subscriberId);
  if (!latest || latest < edition.loadedAt) return edition;
  shared.delete(ctx.db);
  return openEdition(ctx, at);
}

/** With more papers to compare with, for one question: the edition that all share stays as it is. */
export function withCompared(edition: Edition, papers: Parameters<typeof extendIndex>[1]): Edition {
  if (papers.length === 0) return edition;
  return {
    ...edition,
    index: extendIndex(edition.index, papers),
    comparedIds: new Set([...edition.comparedIds, ...papers.map(({ id }) => id)]),
  };
}

async function loadEdition(ctx: Context, at: Date): Promise<Edition> {
  const loadedAt = ctx.now();
  const papers = await listNewestPapers(ctx.db, { at, limit: MAX_CANDIDATES });
  const candidates = new Map(papers.map((paper) => [paper.id, paper]));
  const judged = await listJudgedPaperIds(ctx.db, { limit: MAX_VERDICTS });
  const compared = await listComparedPapers(
    ctx.db,
    judged.filter((id) => !candidates.has(id)),
  );
  const likes = await listLikedTogether(ctx.db, { limit: MAX_VERDICTS });
  const topics = await listTopics(ctx.db);
  return {
    index: buildPaperIndex([...papers, ...compared], { likes }),
    papers: candidates,
    comparedIds: new Set(compared.map(({ id }) => id)),
    topics: new Map(topics.map((topic) => [topic.id, topic])),
    firstPaperId: papers.reduce((least, { id }) => Math.min(least, id), Number.MAX_SAFE_INTEGER),
    loadedAt,
  };
}
