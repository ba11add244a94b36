/** Trending papers as the front page shows them: the latest days, or one day or week by its name. */
import type { Context } from '../context.ts';
import {
  findEarlierDay,
  listTrendingDays,
  listTrendingPeriod,
  type TrendingDay,
} from '../digests/list-trending.ts';
import { type Period, periodAt, readPeriod } from '../digests/period.ts';
import type { LandingPage, PageLink, Tab } from '../template-views.ts';
import { keepFor } from './keep-for.ts';
import { toListedPaper } from './listed-paper.ts';

export type TrendingView = Pick<LandingPage, 'days' | 'tabs' | 'period' | 'earlier' | 'later'>;

/** A function that lists the latest; its answer is kept for a minute, as everyone sees the same. */
export function createTrendingList(ctx: Context): () => Promise<TrendingView> {
  return keepFor(60_000, ctx.now, async () => {
    const days = await listTrendingDays(ctx);
    const oldest = days.at(-1);
    const earlier = oldest && (await findEarlierDay(ctx, new Date(`${oldest.date}T00:00:00Z`)));
    return {
      days: days.map(toView),
      tabs: tabs('latest', periodAt('day', newest(days) ?? ctx.now())),
      period: null,
      earlier: earlier ? linkTo(earlier) : null,
      later: null,
    };
  });
}

/** Null for a name that is no day or week, or one that has not begun. */
export async function listPeriod(
  ctx: Context,
  kind: Period['kind'],
  name: string,
): Promise<TrendingView | null> {
  const period = readPeriod(kind, name);
  if (!period || period.from > ctx.now()) return null;
  const { papers, previous, next } = await listTrendingPeriod(ctx, period);
  const last = new Date(Math.min(ctx.now().getTime(), period.before.getTime() - 1));
  return {
    days: papers.length > 0 ? [toView({ date: period.name, label: period.label, papers })] : [],
    tabs: tabs(kind, periodAt('day', last)),
    period: period.label,
    earlier: previous && linkTo(previous),
    later: next && linkTo(next),
  };
}

/** For an address that names no day or week. */
export const NO_PERIOD: TrendingView = {
  days: [],
  tabs: [{ label: 'Latest', url: '/#papers', current: false }],
  period: 'that name',
  earlier: null,
  later: null,
};

function periodUrl({ kind, name }: Period): string {
  return `/?${kind}=${name}`;
}

function toView({ date, label, papers }: TrendingDay) {
  return { date, label, papers: papers.map(toListedPaper) };
}

function newest([first]: readonly TrendingDay[]): Date | null {
  return first ? new Date(`${first.date}T00:00:00Z`) : null;
}

function linkTo(period: Period): PageLink {
  return { label: period.label, url: `${periodUrl(period)}#papers` };
}

function tabs(current: 'latest' | Period['kind'], day: Period): Tab[] {
  return [
    { label: 'Latest', url: '/#papers', current: current === 'latest' },
    { label: 'Day', url: `${periodUrl(day)}#papers`, current: current === 'day' },
    { label: 'Week', url: `${periodUrl(periodAt('week', day.from))}#papers`, current: current === 'week' },
  ];
}
