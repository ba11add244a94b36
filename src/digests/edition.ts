/** What every digest of one moment is made from: the newest papers, indexed once per process, and the topics. */
import type { Context } from '../context.ts';
import { listNewestPapers, type StoredPaper } from '../papers/papers.repo.ts';
import { buildPaperIndex, type PaperIndex } from '../ranking/paper-index.ts';
import type { ProfileTopic } from '../ranking/profile.ts';
import { listTopics } from '../subscribers/topics.repo.ts';

export interface Edition {
  index: PaperIndex;
  papers: ReadonlyMap<number, StoredPaper>;
  topics: ReadonlyMap<number, ProfileTopic>;
  /** The smallest paper id of the edition: what was sent before it doesn't matter. */
  firstPaperId: number;
}

/** About a week of the arXiv's computer science; more would be older than a weekly reader's last digest. */
const MAX_CANDIDATES = 5000;
/** How long an edition serves: pages composed in these minutes share one index. */
const SHARED_MS = 5 * 60_000;

const shared = new WeakMap<object, { slot: number; edition: Promise<Edition> }>();

/** The edition at this moment; pages that follow each other get the same one. */
export function openEdition(ctx: Context, at: Date): Promise<Edition> {
  const slot = Math.floor(at.getTime() / SHARED_MS);
  const known = shared.get(ctx.db);
  if (known?.slot === slot) return known.edition;
  const edition = loadEdition(ctx, at);
  shared.set(ctx.db, { slot, edition });
  // A failed load is not kept for the next page.
  edition.catch(() => shared.delete(ctx.db));
  return edition;
}

async function loadEdition(ctx: Context, at: Date): Promise<Edition> {
  const papers = await listNewestPapers(ctx.db, { at, limit: MAX_CANDIDATES });
  const topics = await listTopics(ctx.db);
  return {
    index: buildPaperIndex(papers),
    papers: new Map(papers.map((paper) => [paper.id, paper])),
    topics: new Map(topics.map((topic) => [topic.id, topic])),
    firstPaperId: papers.reduce((least, { id }) => Math.min(least, id), Number.MAX_SAFE_INTEGER),
  };
}
