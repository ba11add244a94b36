/** The papers everyone can see: what is trending, by the day it was listed. */
import type { Context } from '../context.ts';
import { listListedPapers, listNewestPapers, type StoredPaper } from '../papers/papers.repo.ts';
import { explainReason } from '../ranking/explain.ts';
import { describeTrend } from '../ranking/pull.ts';
import { rankTrending } from '../ranking/trending.ts';

const DAYS = 7;
const PAPERS_A_DAY = 10;
/** Days shown: a page, not an archive. */
const DAYS_SHOWN = 3;

export interface TrendingDay {
  /** `YYYY-MM-DD`, UTC. */
  date: string;
  /** "Today", "Yesterday" or "Monday, 23 November". */
  label: string;
  papers: { paper: StoredPaper; why: string }[];
}

/** The last days that have papers, newest first, each with its most trending first. Without any votes: the newest papers. */
export async function listTrendingDays(ctx: Context): Promise<TrendingDay[]> {
  const at = ctx.now();
  const listed = await listListedPapers(ctx.db, { at, days: DAYS, limit: 1000 });
  const papers = listed.length > 0 ? listed : await listNewestPapers(ctx.db, { at, limit: 50 });
  const byId = new Map(papers.map((paper) => [paper.id, paper]));
  const days = new Map<string, StoredPaper[]>();
  for (const { paperId } of rankTrending(papers, { now: at, k: papers.length })) {
    const paper = byId.get(paperId);
    if (!paper) continue;
    const date = (paper.trend?.listedAt ?? paper.newsAt).toISOString().slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), paper]);
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, DAYS_SHOWN)
    .map(([date, ofDay]) => ({
      date,
      label: dayLabel(date, at),
      papers: ofDay.slice(0, PAPERS_A_DAY).map((paper) => ({ paper, why: whyTrending(paper) })),
    }));
}

function whyTrending({ trend }: StoredPaper): string {
  const reason = trend?.upvotes ? describeTrend(trend) : null;
  return reason ? explainReason(reason) : '';
}

function dayLabel(date: string, now: Date): string {
  const daysAgo = Math.round(
    (Date.parse(now.toISOString().slice(0, 10)) - Date.parse(date)) / (24 * 3600_000),
  );
  if (daysAgo === 0) return 'Today';
  if (daysAgo === 1) return 'Yesterday';
  const day = new Date(`${date}T00:00:00Z`);
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  }).format(day);
}
