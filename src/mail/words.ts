/** Dates, names and rhythms in the words that readers see. Pure. */
import type { Translate } from '../messages.ts';

/** "A, B, C +5": the first three say whose paper it is, the count says how many more. */
export function shortAuthors(authors: readonly string[]): string {
  const more = authors.length - 3;
  return authors.slice(0, 3).join(', ') + (more > 0 ? ` +${more}` : '');
}

/** What tells the field at a glance: arXiv's categories, or for papers from elsewhere the broad fields of study. */
export function shortFields({
  categories,
  fieldsOfStudy,
}: {
  categories: readonly string[];
  fieldsOfStudy: readonly string[];
}): string[] {
  return (categories.length > 0 ? categories : fieldsOfStudy).slice(0, 3);
}

/** Longer names of venues are those of workshops within conferences within series. */
const VENUE_CHARS = 80;

/** "ICLR 2026", or "" where there is none. */
export function shortVenue(venue: string | null): string {
  return shorten(venue ?? '', VENUE_CHARS);
}

const FORMATS = {
  short: { dateStyle: 'medium' },
  long: { dateStyle: 'long' },
  weekday: { weekday: 'long' },
  weekdayAndDay: { weekday: 'long', day: 'numeric', month: 'long' },
  time: { hour: '2-digit', minute: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

// Making a formatter costs a hundred times what using it does, and a digest needs a dozen.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter({ locale }: Translate, name: keyof typeof FORMATS, timeZone = 'UTC'): Intl.DateTimeFormat {
  const key = `${locale} ${name} ${timeZone}`;
  const known = formatters.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(locale, { ...FORMATS[name], timeZone });
  formatters.set(key, format);
  return format;
}

/** "21 Nov 2026" */
export function shortDate(date: Date, t: Translate): string {
  return formatter(t, 'short').format(date);
}

/** "24 November 2026" in that zone. */
export function plainDate(date: Date, timezone: string, t: Translate): string {
  return formatter(t, 'long', timezone).format(date);
}

/** "Tuesday, 24 November 2026" in that zone. */
export function longDate(date: Date, timezone: string, t: Translate): string {
  const weekday = formatter(t, 'weekday', timezone).format(date);
  return t('date.long', { weekday, date: plainDate(date, timezone, t) });
}

/** "Monday, 23 November", in UTC. */
export function weekdayAndDay(date: Date, t: Translate): string {
  return formatter(t, 'weekdayAndDay').format(date);
}

/** "Week 48, 2026" of its name, 2026-W48; null for the name of a day. */
export function weekWords(name: string, t: Translate): string | null {
  const [, year = '', week] = /^(\d{4})-W(\d\d)$/.exec(name) ?? [];
  return week ? t('date.week', { week: String(Number(week)), year }) : null;
}

/** "Tuesday, 24 November 2026 at 08:00 (Europe/Berlin)" */
export function dateAndTime(date: Date, timezone: string, t: Translate): string {
  const time = formatter(t, 'time', timezone).format(date);
  return t('date.time', { date: longDate(date, timezone, t), time, timezone });
}

interface Rhythm {
  frequency: 'daily' | 'weekly';
  weekdays: readonly number[];
}

/** "every day", "every Monday" */
export function rhythmWords({ weekdays }: Rhythm, t: Translate): string {
  if (weekdays.length === 7) return t('schedule.everyDay');
  // The week starts on Monday in all but the numbering.
  const days = [...weekdays]
    .sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7))
    .map((day) => t('weekday', { day: String(day) }));
  return t('schedule.every', { days: listWords(days, t) });
}

/** "every day at 08:00, Europe/Berlin" */
export function frequencySentence(
  { hour, timezone, ...rhythm }: Rhythm & { hour: number; timezone: string },
  t: Translate,
): string {
  const time = `${String(hour).padStart(2, '0')}:00`;
  return t('schedule.at', { rhythm: rhythmWords(rhythm, t), time, timezone });
}

/** "A", "A and B", "A, B and C" */
export function listWords(words: readonly string[], { locale }: Translate): string {
  return new Intl.ListFormat(locale).format(words);
}

/** Longer than any of some 14,000 on arXiv; what is longer still is a mistake of a source, and would push all others down. */
const TITLE_CHARS = 300;

/** A title as one of several; a paper's own page has all of it. */
export function shortTitle(title: string): string {
  return shorten(title, TITLE_CHARS);
}

/** The text up to `max` characters, cut after a sentence if a good part is left, else after a word, else anywhere. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = text.slice(0, max);
  const sentence = Math.max(start.lastIndexOf('. '), start.lastIndexOf('? '), start.lastIndexOf('! '));
  if (sentence > max * 0.5) return start.slice(0, sentence + 1);
  const word = start.lastIndexOf(' ');
  // Chinese has no spaces. Half of a surrogate pair is no character.
  const cut = word > max * 0.5 ? word : max - 1;
  return `${start.slice(0, cut).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
