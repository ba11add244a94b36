/** The ways to rank that the benchmark compares: ours, ours with something left out or taken away, and the baselines. */
import { isInWindow, openFileRanking } from '../../src/commands/rank-file.ts';
import type { FilePaper, RankTask } from '../../src/commands/ranking-files.ts';
import { INGREDIENTS, type Ingredient } from '../../src/ranking/ingredients.ts';
import { type Baseline, bm25Baseline, svmBaseline, tfidfBaseline, votesBaseline } from './baselines.ts';

/** Ids of the `k` best papers of the task's window, best first. */
export type RankTaskPapers = (task: RankTask, k: number) => string[];

export interface Method {
  name: string;
  kind: 'ours' | 'part' | 'baseline';
  /** Indexes the papers. */
  open(): RankTaskPapers;
  /** How many readers it takes to measure it; the slow ones are asked for fewer. */
  readers: number;
}

/** The methods that make sense for these papers and readers, ours first. `few` readers are asked of the slow ones. */
export function listMethods(
  papers: readonly FilePaper[],
  tasks: readonly RankTask[],
  { many, few }: { many: number; few: number },
): Method[] {
  const typed = tasks.some(({ keywords }) => keywords.length > 0);
  const liked = tasks.some((task) => task.liked.length > 0);
  const dated = tasks.some(({ to }) => to !== null);
  const voted = papers.some(({ upvotes }) => upvotes !== null);
  const likes = tasks.map((task) => task.liked);
  const ours = (without?: ReadonlySet<Ingredient>) => openFileRanking(papers, { likes, without }).rank;
  const baseline = (make: (papers: readonly FilePaper[]) => Baseline) => () =>
    rankByScore(papers, make(papers));

  const methods: (Omit<Method, 'readers'> & { applies?: boolean; readers?: number })[] = [
    { name: 'Paperboy', kind: 'ours', open: () => ours() },
    ...listIngredients({
      typed,
      liked,
      categorized: papers.some(({ categories }) => categories.length > 0),
    }).map((ingredient) => ({
      name: `without ${ingredient}`,
      kind: 'part' as const,
      open: () => ours(new Set([ingredient])),
    })),
    { name: 'keywords only', kind: 'part', applies: typed && liked, open: () => withoutLiked(ours()) },
    {
      name: 'liked papers only',
      kind: 'part',
      applies: typed && liked,
      open: () => {
        const rank = ours();
        return (task, k) => rank({ ...task, keywords: [] }, k);
      },
    },
    {
      name: 'Paperboy, nothing later known',
      kind: 'ours',
      applies: dated,
      open: () => rankWithPast(papers, tasks),
    },
    {
      name: 'nor what is liked together',
      kind: 'part',
      applies: dated && liked,
      open: () => rankWithPast(papers, tasks, new Set<Ingredient>(['liked-together'])),
    },
    { name: 'upvotes', kind: 'baseline', applies: voted, open: baseline(votesBaseline) },
    { name: 'BM25', kind: 'baseline', applies: typed, open: baseline(bm25Baseline) },
    { name: 'tf-idf cosine', kind: 'baseline', open: baseline(tfidfBaseline) },
    { name: 'SVM per reader', kind: 'baseline', applies: liked, readers: few, open: baseline(svmBaseline) },
  ];
  return methods
    .filter(({ applies = true }) => applies)
    .map(({ name, kind, open, readers = many }) => ({
      name,
      kind,
      open,
      readers: Math.min(readers, tasks.length),
    }));
}

/** Those that can make a difference: without keywords there are no phrases, without likes nothing to learn. */
function listIngredients(there: { typed: boolean; liked: boolean; categorized: boolean }): Ingredient[] {
  const needs: Record<Ingredient, boolean> = {
    phrases: there.typed,
    expansion: there.typed,
    categories: there.categorized,
    learning: there.liked,
    'liked-together': there.liked,
  };
  return (Object.keys(INGREDIENTS) as Ingredient[]).filter((ingredient) => needs[ingredient]);
}

/** The reader's liked papers tell nothing here, and are still not ranked. */
function withoutLiked(rank: RankTaskPapers): RankTaskPapers {
  return (task, k) => {
    const liked = new Set(task.liked);
    return rank({ ...task, liked: [] }, k + liked.size)
      .filter((id) => !liked.has(id))
      .slice(0, k);
  };
}

/**
 * As on the day itself: an index for every end of a window, of papers published by then and of what readers of that
 * window or of earlier ones liked. In one index of all weeks, later ones help to tell which words are rare.
 */
function rankWithPast(
  papers: readonly FilePaper[],
  tasks: readonly RankTask[],
  without?: ReadonlySet<Ingredient>,
): RankTaskPapers {
  const rankings = new Map<number, RankTaskPapers>();
  for (const end of new Set(tasks.map((task) => endOf(task)))) {
    const known = papers.filter(({ publishedAt }) => publishedAt !== null && publishedAt.getTime() <= end);
    const likes = tasks.filter((task) => endOf(task) <= end).map(({ liked }) => liked);
    rankings.set(end, openFileRanking(known, { likes, without }).rank);
  }
  return (task, k) => rankings.get(endOf(task))?.(task, k) ?? [];
}

function endOf({ to }: RankTask): number {
  return to?.getTime() ?? Number.POSITIVE_INFINITY;
}

/** Of equals the later in the file comes first. */
function rankByScore(papers: readonly FilePaper[], baseline: Baseline): RankTaskPapers {
  const places = new Map(papers.map(({ id }, at) => [id, at]));
  const windows = new Map<string, number[]>();
  const placesIn = (task: RankTask): number[] => {
    const key = `${task.from?.getTime()} ${task.to?.getTime()}`;
    const inside = windows.get(key) ?? papers.flatMap((paper, at) => (isInWindow(paper, task) ? [at] : []));
    windows.set(key, inside);
    return inside;
  };
  return (task, k) => {
    const liked = new Set(task.liked.flatMap((id) => places.get(id) ?? []));
    const candidates = placesIn(task).filter((at) => !liked.has(at));
    const scores = baseline({ keywords: task.keywords, liked: [...liked], candidates });
    return candidates
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a)
      .slice(0, k)
      .flatMap((at) => papers[at]?.id ?? []);
  };
}
