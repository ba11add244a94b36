/** Dates, names and rhythms in the words that readers see. Pure. */

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

// Making a formatter costs a hundred times what using it does, and a digest needs a dozen.
const SHORT_DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });

/** "21 Nov 2026" */
export function shortDate(date: Date): string {
  return SHORT_DATE.format(date);
}

const longDates = new Map<string, Intl.DateTimeFormat>();

function longDateIn(timezone: string): Intl.DateTimeFormat {
  const known = longDates.get(timezone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: timezone,
  });
  longDates.set(timezone, format);
  return format;
}

/** "Tuesday, 24 November 2026" in that zone. */
export function longDate(date: Date, timezone: string): string {
  const words = longDateIn(timezone).formatToParts(date);
  const part = (type: string) => words.find((word) => word.type === type)?.value ?? '';
  return `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`;
}

/** "Tuesday, 24 November 2026 at 08:00 (Europe/Berlin)" */
export function dateAndTime(date: Date, timezone: string): string {
  const time = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: timezone,
  }).format(date);
  return `${longDate(date, timezone)} at ${time} (${timezone})`;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** "every day at 08:00, Europe/Berlin" */
export function frequencySentence(schedule: {
  frequency: 'daily' | 'weekly';
  weekdays: readonly number[];
  hour: number;
  timezone: string;
}): string {
  // The week starts on Monday in all but the numbering.
  const days = [...schedule.weekdays]
    .sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7))
    .map((day) => DAYS[day] ?? '');
  const rhythm = days.length === 7 ? 'every day' : `every ${listWords(days)}`;
  return `${rhythm} at ${String(schedule.hour).padStart(2, '0')}:00, ${schedule.timezone}`;
}

/** "A", "A and B", "A, B and C" */
export function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${last}` : last;
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
