/** The papers of a weekly digest under the headings of what they were chosen for. Pure. */
import type { Translate } from '../messages.ts';
import { type Reason, withoutCode } from '../ranking/explain.ts';
import { quotedWords } from '../ranking/query.ts';
import { shorten } from './words.ts';

/** Fewer papers are read in one go. */
const FEWEST_PAPERS = 6;
/** With more groups than this, headings over single papers would be a list of their own. */
const MOST_WITH_SINGLES = 4;
const HEADING_CHARS = 70;

/**
 * The heading of each paper, by their main reasons, which come best paper first; null for all where groups would tell
 * nothing. `headings` has each once, in the order in which groups are shown: that of their best paper.
 */
export function groupPapers(
  main: readonly (Reason | undefined)[],
  t: Translate,
): {
  headings: (string | null)[];
  headingOf: (string | null)[];
} {
  const spelled = new Map<string, string>();
  const sizes = new Map<string, number>();
  const own = main.map((reason) => {
    const heading = headingFor(reason, t);
    const key = heading.toLowerCase();
    // A topic and a keyword may have one name.
    const known = spelled.get(key) ?? heading;
    spelled.set(key, known);
    sizes.set(known, (sizes.get(known) ?? 0) + 1);
    return known;
  });
  const isSingle = (heading: string) => sizes.size > MOST_WITH_SINGLES && sizes.get(heading) === 1;
  const headingOf = own.map((heading) => (isSingle(heading) ? t('group.rest') : heading));
  const named = [...sizes.keys()].filter((heading) => !isSingle(heading));
  const headings = [...new Set([...named, ...headingOf])];
  if (main.length < FEWEST_PAPERS || headings.length < 2) {
    return { headings: [null], headingOf: main.map(() => null) };
  }
  return { headings, headingOf };
}

function headingFor(reason: Reason | undefined, t: Translate): string {
  switch (reason?.kind) {
    case 'topic':
      return withoutCode(reason.name);
    case 'category':
      return withoutCode(reason.topic);
    case 'keyword':
      return nameKeyword(reason.keyword);
    case 'related':
      return nameKeyword(withoutCode(reason.to));
    case 'author':
      return t('group.author', { name: reason.name });
    case 'liked':
    case 'liked-together':
      return t('group.liked', { title: shorten(reason.title, HEADING_CHARS) });
    case 'trending':
    case undefined:
      return t('group.trending');
  }
}

/** Without quotes, and with a capital as topics have it, unless its spelling is its own ("mRNA"). */
function nameKeyword(keyword: string): string {
  const words = shorten(quotedWords(keyword) ?? keyword, HEADING_CHARS);
  return /^\p{Ll}+(?!\p{L})/u.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
