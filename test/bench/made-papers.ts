/** Papers to measure with: of usual size, with a usual share of LaTeX, each known by its number. */

const LATEX =
  'We study how na\\"ive baselines compare with $\\alpha$-regularised models on ten benchmarks, and report gains of 4.2\\% at equal cost. ';
const PLAIN =
  'Larger models need less of what smaller ones are given, but only where the data that both have seen is of one kind. ';

/** Ids of one month before the next begins; arXiv has room for 99,999. */
export const IDS_A_MONTH = 90_000;
/** What all abstracts say once they are readable; a table is filled with it. */
export const READABLE = PLAIN.repeat(9);

/** A real id that no real paper has yet: months from January 2030 on. */
export function arxivIdOf(number: number): string {
  const month = Math.floor(number / IDS_A_MONTH);
  const year = 30 + Math.floor(month / 12);
  return `${year}${String(1 + (month % 12)).padStart(2, '0')}.${10_000 + (number % IDS_A_MONTH)}`;
}

/** As a line of a file. `more` replaces or adds fields. */
export function paperLine(number: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    id: arxivIdOf(number),
    title: `On the ${number}th way to train a {\\bf model} of something`,
    abstract: LATEX + PLAIN.repeat(8) + number,
    authors: ['Ada Lovelace', 'Alan Turing', `Reader ${number}`],
    categories: ['cs.LG', 'cs.CL'],
    published: new Date(1_700_000_000_000 + number * 1000).toISOString(),
    upvotes: number % 50,
    ...more,
  });
}
