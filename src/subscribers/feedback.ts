/** More of this, less of that: what a reader says of papers, which the next digest follows, and how it is taken back. */
import type { Context } from '../context.ts';
import type { Sql } from '../db/client.ts';
import { takeBibliography } from '../papers/bibliography.ts';
import { findNamedPaper, findPapersByKey, type NamedPaper } from '../papers/liked-papers.repo.ts';
import { nameOfKey, readPaperMentions } from '../papers/paper-mentions.ts';
import {
  countVerdicts,
  deleteVerdicts,
  findVerdicts,
  type JudgedPaper,
  listJudgedPapers,
  saveVerdicts,
  type Verdict,
} from './feedback.repo.ts';
import { openLink } from './open-link.ts';
import type { Subscriber } from './subscribers.repo.ts';

/** A profile that compares with more would cost every digest more than it gains. */
export const MAX_JUDGED = 2000;
/** Of each verdict, some 100 KB of page; it says how many more there are. */
const LISTED = 500;

export type FeedbackLink =
  | { result: 'valid'; subscriber: Subscriber; paper: NamedPaper; standing: Verdict | null }
  | { result: 'expired' | 'invalid' };

const VERDICT = { more: 'liked', less: 'disliked' } as const;

/** Whose link this is, for which paper, and what they said of it so far. Changes nothing. */
export async function openFeedbackLink(
  ctx: Context,
  token: string,
  purpose: 'more' | 'less',
): Promise<FeedbackLink> {
  const link = await openLink(ctx, token, purpose);
  if (link.result !== 'valid') return link;
  const { subscriber, paperId } = link;
  const paper = paperId === undefined ? null : await findNamedPaper(ctx.db, paperId);
  if (!paper) return { result: 'invalid' };
  const standing = (await findVerdicts(ctx.db, subscriber.id, [paper.id])).get(paper.id) ?? null;
  return { result: 'valid', subscriber, paper, standing };
}

/** Records what the link says, over the opposite if that was said before. The second time does nothing. */
export async function giveFeedback(
  ctx: Context,
  token: string,
  purpose: 'more' | 'less',
): Promise<FeedbackLink> {
  const link = await openFeedbackLink(ctx, token, purpose);
  if (link.result !== 'valid') return link;
  const { subscriber, paper } = link;
  const verdict = VERDICT[purpose];
  const given = { subscriberId: subscriber.id, paperIds: [paper.id], verdict, at: ctx.now() };
  const changed = await saveVerdicts(ctx.db, given);
  if (changed.length > 0) ctx.log.info({ event: 'feedback.given', subscriberId: subscriber.id, verdict });
  return { ...link, standing: verdict };
}

/** Undo: whatever was said of this paper is taken back. */
export async function takeBackFeedback(
  ctx: Context,
  token: string,
  purpose: 'more' | 'less',
): Promise<FeedbackLink> {
  const link = await openFeedbackLink(ctx, token, purpose);
  if (link.result !== 'valid') return link;
  await forgetVerdicts(ctx, link.subscriber, { paperId: link.paper.id });
  return { ...link, standing: null };
}

/** A time that somebody made up may be of the year 0, or 10000, as the database does not write them. */
function isReadable(at: Date): boolean {
  return at.getUTCFullYear() > 0 && at.getUTCFullYear() < 10_000;
}

/** How many were taken back. */
export async function forgetVerdicts(
  ctx: Context,
  { id }: Subscriber,
  which: Parameters<typeof deleteVerdicts>[2],
): Promise<number> {
  if (which !== 'all' && 'givenAt' in which && !isReadable(which.givenAt)) return 0;
  const count = await deleteVerdicts(ctx.db, id, which);
  if (count > 0) ctx.log.info({ event: 'feedback.taken_back', subscriberId: id, count });
  return count;
}

/** Of papers, the latest first, and how many of both kinds there are in all. */
export interface Judgements {
  liked: JudgedPaper[];
  disliked: JudgedPaper[];
  count: number;
}

export async function loadJudgements(ctx: Context, { id: subscriberId }: Subscriber): Promise<Judgements> {
  const list = (verdict: Verdict) => listJudgedPapers(ctx.db, { subscriberId, verdict, limit: LISTED });
  const [liked, disliked, count] = await Promise.all([
    list('liked'),
    list('disliked'),
    countVerdicts(ctx.db, subscriberId),
  ]);
  return { liked, disliked, count };
}

export interface AddedLikes {
  /** When they were added: what undoes all of it at once. */
  at: Date;
  added: number;
  /** Liked before. */
  already: number;
  /** Ids that read well, of papers that are not known here. */
  notKnown: string[];
  /** Entries that name no paper. */
  unreadable: string[];
  /** Entries of the file that are no paper or can't be read. */
  skipped: number;
  /** Beyond what a profile holds. */
  leftOut: number;
}

/** Likes the papers that these entries (see `splitMentions`) and this BibTeX file name. */
export async function addLikes(
  ctx: Context,
  { id: subscriberId }: Subscriber,
  { entries, file }: { entries: readonly string[]; file: Uint8Array | null },
): Promise<AddedLikes> {
  const at = ctx.now();
  const read = readEntries(entries);
  const named = await findLikedPapers(ctx.db, read.keys);
  const room = Math.max(0, MAX_JUDGED - (await countVerdicts(ctx.db, subscriberId)));
  const taken = file
    ? await takeBibliography(ctx, file, MAX_JUDGED)
    : { paperIds: [], skipped: [], leftOut: 0 };
  const wanted = [...new Set([...named.paperIds, ...taken.paperIds])];
  const known = await findVerdicts(ctx.db, subscriberId, wanted);
  const isNew = wanted.filter((id) => !known.has(id));
  const over = new Set(isNew.slice(room));
  const paperIds = wanted.filter((id) => !over.has(id));
  const added = await saveVerdicts(ctx.db, { subscriberId, paperIds, verdict: 'liked', at });
  const counts = { added: added.length, skipped: taken.skipped.length, leftOut: taken.leftOut + over.size };
  ctx.log.info({ event: 'feedback.added', subscriberId, ...counts, notKnown: named.notKnown.length });
  return {
    at,
    already: paperIds.length - added.length,
    notKnown: named.notKnown,
    unreadable: read.unreadable,
    ...counts,
  };
}

/** The keys of all papers that these entries name, and the entries that name none. */
export function readEntries(entries: readonly string[]): { keys: string[]; unreadable: string[] } {
  const keys = new Set<string>();
  const unreadable: string[] = [];
  for (const entry of entries) {
    const named = readPaperMentions(entry);
    if (named.length === 0) unreadable.push(entry);
    for (const key of named) keys.add(key);
  }
  return { keys: [...keys], unreadable };
}

/** The papers of these keys, and the ids of those that are not known here. */
export async function findLikedPapers(
  db: Sql,
  keys: readonly string[],
): Promise<{ paperIds: number[]; notKnown: string[] }> {
  const known = await findPapersByKey(db, keys);
  return {
    paperIds: [...new Set(keys.flatMap((key) => known.get(key)?.id ?? []))],
    notKnown: keys.filter((key) => !known.has(key)).map(nameOfKey),
  };
}
