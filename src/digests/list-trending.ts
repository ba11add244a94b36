/** The papers everyone can see: what is trending, by the day it was listed, now and on earlier days. */
import type { Context } from '../context.ts';
import {
  findNeighbourTime,
  listListedPapers,
  listNewestPapers,
  type StoredPaper,
} from '../papers/papers.repo.ts';
import type { Reason } from '../ranking/explain.ts';
import { describeTrend } from '../ranking/pull.ts';
import { rankTrending } from '../ranking/trending.ts';
import { type Period, periodAt } from './period.ts';

const DAY_MS = 24 * 3600_000;
const DAYS = 7;
const PAPERS_A_DAY = 10;
/** Days shown: a page, not an archive. */
const DAYS_SHOWN = 3;
/** Of one day or week by its name. */
const PAPERS_A_PERIOD = { day: 30, week: 50 };
const MOST_LISTED = 1000;

export interface ToldPaper {
  paper: StoredPaper;
  /** Why it is in the list, where that is worth telling. */
  reasons: Reason[];
}

export interface TrendingDay {
  /** `YYYY-MM-DD`, UTC. */
  date: string;
  papers: ToldPaper[];
}

/** The last days that have papers, newest first, each with its most trending first. Without any votes: the newest papers. */
export async function listTrendingDays(ctx: Context): Promise<TrendingDay[]> {
  const at = ctx.now();
  const from = new Date(at.getTime() - DAYS * DAY_MS);
  const listed = await listListedPapers(ctx.db, { at, from, limit: MOST_LISTED });
  const papers = listed.length > 0 ? listed : await listNewestPapers(ctx.db, { at, limit: 50 });
  const days = new Map<string, StoredPaper[]>();
  for (const paper of inTrendOrder(papers, at)) {
    const date = shownAt(paper).toISOString().slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), paper]);
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, DAYS_SHOWN)
    .map(([date, ofDay]) => ({
      date,
      papers: ofDay.slice(0, PAPERS_A_DAY).map(tellTrend),
    }));
}

export interface TrendingPeriod {
  period: Period;
  /** The most trending first; without any votes the newest. */
  papers: ToldPaper[];
  /** The nearest ones that have papers. */
  previous: Period | null;
  next: Period | null;
}

export async function listTrendingPeriod(ctx: Context, period: Period): Promise<TrendingPeriod> {
  const at = ctx.now();
  const { kind, from, before } = period;
  const listed = (await listListedPapers(ctx.db, { at, from, before, limit: MOST_LISTED })).filter(
    (paper) => {
      // One that several sources list stands where the front page has it.
      const shown = shownAt(paper);
      return shown >= from && shown < before;
    },
  );
  const end = new Date(Math.min(at.getTime(), before.getTime() - 1));
  const papers =
    listed.length > 0
      ? listed
      : await listNewestPapers(ctx.db, {
          at: end,
          since: new Date(from.getTime() - 1),
          limit: PAPERS_A_PERIOD[kind],
        });
  const [earlier, later] = await Promise.all([
    findNeighbourTime(ctx.db, { before: from }),
    findNeighbourTime(ctx.db, { from: before }),
  ]);
  return {
    period,
    papers: inTrendOrder(papers, at).slice(0, PAPERS_A_PERIOD[kind]).map(tellTrend),
    previous: earlier && periodAt(kind, earlier),
    next: later && later <= at ? periodAt(kind, later) : null,
  };
}

/** The last day before this one that has papers, for a link; null where there is none. */
export async function findEarlierDay(ctx: Context, before: Date): Promise<Period | null> {
  const at = await findNeighbourTime(ctx.db, { before });
  return at && periodAt('day', at);
}

/** With how the paper does at present, where somebody has voted. */
export function tellTrend(paper: StoredPaper): ToldPaper {
  const reason = paper.trend?.upvotes ? describeTrend(paper.trend) : null;
  return { paper, reasons: reason ? [reason] : [] };
}

const shownAt = ({ trend, newsAt }: StoredPaper) => trend?.listedAt ?? newsAt;

function inTrendOrder(papers: readonly StoredPaper[], now: Date): StoredPaper[] {
  const byId = new Map(papers.map((paper) => [paper.id, paper]));
  return rankTrending(papers, { now, k: papers.length }).flatMap(({ paperId }) => byId.get(paperId) ?? []);
}
