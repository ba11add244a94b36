/**
 * Ranks the papers of a file for the readers of a file, with the code that makes digests. Variety and the floor are off,
 * as they serve a mail of ten papers and not a list of all.
 */
import type { Ingredient } from '../ranking/ingredients.ts';
import { buildPaperIndex, type PaperIndex } from '../ranking/paper-index.ts';
import { rankPapers } from '../ranking/rank.ts';
import type { FilePaper, RankTask } from './ranking-files.ts';

export interface FileRanking {
  readonly index: PaperIndex;
  /**
   * Ids of the `k` best of all papers in the task's window, without those its reader liked. Papers that nothing speaks
   * for come after all others, those with the most votes first, then the newest.
   */
  rank(task: RankTask, k: number): string[];
}

export interface FileRankingOptions {
  /** Ids that readers liked, a list each: what is known of papers that are liked together. */
  likes: readonly (readonly string[])[];
  /** What to leave out of the method, to measure what it earns. */
  without?: ReadonlySet<Ingredient>;
}

export function openFileRanking(
  papers: readonly FilePaper[],
  { likes, without }: FileRankingOptions,
): FileRanking {
  // Numbers that grow with the date, as they do where papers arrive day by day.
  const ordered = [...papers].sort(
    (a, b) => timeOf(a, 0) - timeOf(b, 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const numbers = new Map(ordered.map((paper, at) => [paper.id, at + 1]));
  const toNumbers = (ids: readonly string[]) => ids.flatMap((id) => numbers.get(id) ?? []);
  const idOf = (number: number) => ordered[number - 1]?.id ?? '';
  const index = buildPaperIndex(
    // When a file's votes were counted is not known, so there is no trend to judge.
    ordered.map((paper, at) => ({ ...paper, id: at + 1, trend: null })),
    { likes: likes.map(toNumbers), without },
  );
  const undated = new Set(ordered.flatMap(({ publishedAt }, at) => (publishedAt ? [] : [at + 1])));
  const byVotes = ordered
    .map((_, at) => at + 1)
    .sort((a, b) => votesOf(ordered[b - 1]) - votesOf(ordered[a - 1]) || b - a);

  return {
    index,
    rank(task, k) {
      const liked = new Set(toNumbers(task.liked));
      const { from, to } = task;
      const matched = rankPapers(
        index,
        {
          topics: [],
          keywords: task.keywords,
          excluded: [],
          authors: [],
          likedPaperIds: [...liked],
          dislikedPaperIds: [],
        },
        {
          now: to ?? new Date(0),
          k,
          floor: 0,
          variety: false,
          ...((from || to) && { seen: undated }),
          notBefore: from ?? undefined,
          notAfter: to ?? undefined,
        },
      ).map(({ paperId }) => paperId);
      const ranked = new Set(matched);
      for (const number of byVotes) {
        if (ranked.size >= k) break;
        const paper = ordered[number - 1];
        if (paper && !liked.has(number) && isInWindow(paper, task)) ranked.add(number);
      }
      return [...ranked].map(idOf);
    },
  };
}

/** Whether a task asks for this paper. Papers without a date are asked for only where the window has no bound. */
export function isInWindow(paper: FilePaper, { from, to }: RankTask): boolean {
  return (
    (from === null || timeOf(paper, Number.NEGATIVE_INFINITY) >= from.getTime()) &&
    (to === null || timeOf(paper, Number.POSITIVE_INFINITY) <= to.getTime())
  );
}

function timeOf({ publishedAt }: FilePaper, unknown: number): number {
  return publishedAt?.getTime() ?? unknown;
}

function votesOf(paper: FilePaper | undefined): number {
  return paper?.upvotes ?? 0;
}
