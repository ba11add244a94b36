/** Days and weeks by the names that stand in addresses: `2026-11-24`, `2026-W48` (ISO week). All in UTC. Pure. */
import { Temporal } from 'temporal-polyfill';

export interface Period {
  kind: 'day' | 'week';
  /** Also its address: `?day=` or `?week=` with this. */
  name: string;
  from: Date;
  /** The first moment after it. */
  before: Date;
}

/** The day or week that holds this moment. */
export function periodAt(kind: Period['kind'], at: Date): Period {
  const date = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO('UTC').toPlainDate();
  if (kind === 'day') return { kind, name: date.toString(), ...span(date, 1) };
  const monday = date.subtract({ days: date.dayOfWeek - 1 });
  const { yearOfWeek, weekOfYear } = monday;
  return {
    kind,
    name: `${yearOfWeek}-W${String(weekOfYear).padStart(2, '0')}`,
    ...span(monday, 7),
  };
}

/** Reads a name; null where there is no such day or week. */
export function readPeriod(kind: Period['kind'], name: string): Period | null {
  const at = kind === 'day' ? dayStart(name) : weekStart(name);
  const period = at ? periodAt(kind, at) : null;
  // 30 February would be a day in March, week 53 mostly the first of the next year.
  return period?.name === name ? period : null;
}

function dayStart(name: string): Date | null {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(name)) return null;
  const at = new Date(`${name}T00:00:00Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

function weekStart(name: string): Date | null {
  const [, year, week] = /^([12]\d{3})-W(\d\d)$/.exec(name) ?? [];
  // The fourth of January is always in the first week.
  return year ? new Date(Date.UTC(Number(year), 0, 4 + 7 * (Number(week) - 1))) : null;
}

function span(first: Temporal.PlainDate, days: number): { from: Date; before: Date } {
  const start = (date: Temporal.PlainDate) => new Date(`${date.toString()}T00:00:00Z`);
  return { from: start(first), before: start(first.add({ days })) };
}
