/** Trending papers as the front page shows them: the latest days, or one day or week by its name. */
import type { Context } from '../context.ts';
import {
  findEarlierDay,
  listTrendingDays,
  listTrendingPeriod,
  type TrendingDay,
} from '../digests/list-trending.ts';
import { type Period, periodAt, readPeriod } from '../digests/period.ts';
import type { Translate } from '../messages.ts';
import type { LandingPage, PageLink, Tab } from '../template-views.ts';
import { keepFor } from './keep-for.ts';
import { toListedPaper } from './listed-paper.ts';
import { dayWords, periodWords } from './period-words.ts';

export type TrendingView = Pick<LandingPage, 'days' | 'tabs' | 'period' | 'earlier' | 'later'>;

/** A function that lists the latest; what it found is kept for a minute, as everyone sees the same papers. */
export function createTrendingList(ctx: Context): (t: Translate) => Promise<TrendingView> {
  const find = keepFor(60_000, ctx.now, async () => {
    const at = ctx.now();
    const days = await listTrendingDays(ctx);
    const oldest = days.at(-1);
    const earlier = oldest && (await findEarlierDay(ctx, new Date(`${oldest.date}T00:00:00Z`)));
    return { at, days, earlier };
  });
  return async (t) => {
    const { at, days, earlier } = await find();
    return {
      days: days.map((day) => toView(day, dayWords(day.date, at, t), t)),
      tabs: tabs('latest', periodAt('day', newest(days) ?? at), t),
      period: null,
      earlier: earlier ? linkTo(earlier, t) : null,
      later: null,
    };
  };
}

/** Null for a name that is no day or week, or one that has not begun. */
export async function listPeriod(
  ctx: Context,
  kind: Period['kind'],
  name: string,
  t: Translate,
): Promise<TrendingView | null> {
  const period = readPeriod(kind, name);
  if (!period || period.from > ctx.now()) return null;
  const { papers, previous, next } = await listTrendingPeriod(ctx, period);
  const last = new Date(Math.min(ctx.now().getTime(), period.before.getTime() - 1));
  const label = periodWords(period, t);
  return {
    days: papers.length > 0 ? [toView({ date: period.name, papers }, label, t)] : [],
    tabs: tabs(kind, periodAt('day', last), t),
    period: label,
    earlier: previous && linkTo(previous, t),
    later: next && linkTo(next, t),
  };
}

/** For an address that names no day or week. */
export function noPeriod(t: Translate): TrendingView {
  return {
    days: [],
    tabs: [{ label: t('tabs.latest'), url: '/#papers', current: false }],
    period: t('landing.noPeriod'),
    earlier: null,
    later: null,
  };
}

function periodUrl({ kind, name }: Period): string {
  return `/?${kind}=${name}`;
}

function toView({ date, papers }: TrendingDay, label: string, t: Translate) {
  return { date, label, papers: papers.map((paper) => toListedPaper(paper, t)) };
}

function newest([first]: readonly TrendingDay[]): Date | null {
  return first ? new Date(`${first.date}T00:00:00Z`) : null;
}

function linkTo(period: Period, t: Translate): PageLink {
  return { label: periodWords(period, t), url: `${periodUrl(period)}#papers` };
}

function tabs(current: 'latest' | Period['kind'], day: Period, t: Translate): Tab[] {
  return [
    { label: t('tabs.latest'), url: '/#papers', current: current === 'latest' },
    { label: t('tabs.day'), url: `${periodUrl(day)}#papers`, current: current === 'day' },
    {
      label: t('tabs.week'),
      url: `${periodUrl(periodAt('week', day.from))}#papers`,
      current: current === 'week',
    },
  ];
}
