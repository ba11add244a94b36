/** What the adapters of feeds share: reading names, dates, identifiers and links as people and publishers write them. */
import { parseArxivId } from '../paper.ts';

/** `J.`, `J. A.`, `JA`, `J-P`: what follows a surname in lists like `Example, A., Other, B. C.` */
const INITIALS = /^(?:\p{Lu}\.?[\s-]?){1,4}$/u;
const SUFFIX = /^(?:jr|sr|ii|iii|iv)\.?$/i;
/** Commas that separate people; one inside parentheses separates parts of an affiliation. */
const SEPARATOR = /[,;](?![^()]{0,300}\))|\s(?:and|&)\s/;
const MAX_NAMES = 100_000;

/** The names in one or several lists, in order. `Surname, I.` comes out as `I. Surname`. */
export function splitAuthors(lists: readonly string[]): string[] {
  return lists.flatMap((list) => {
    const flat = list.slice(0, MAX_NAMES).replace(/\s+/g, ' ');
    // A list with semicolons has its commas inside the names.
    const people = flat.includes(';') ? flat.split(';').map((name) => namesIn(name)) : [namesIn(flat)];
    return people.flat();
  });
}

function namesIn(list: string): string[] {
  const parts: string[] = [];
  for (const raw of list.split(SEPARATOR)) {
    const part = raw.replace(/^\s*(?:and|&)\s/, '').trim();
    if (part === '') continue;
    if (SUFFIX.test(part) && parts.length > 0) parts.push(`${parts.pop()} ${part}`);
    else parts.push(part);
  }
  const paired = parts.length % 2 === 0 && parts.every((part, at) => at % 2 === 0 || INITIALS.test(part));
  if (!paired) return parts;
  return parts.flatMap((part, at) => (at % 2 === 0 ? [`${parts[at + 1]} ${part}`] : []));
}

/**
 * The first of these dates that can be read and is not ahead of `now` by more than a day; journals date issues
 * months ahead, and that is no day of publication. What has no zone counts as UTC.
 */
export function readDate(dates: readonly (string | undefined)[], now: Date): Date | null {
  for (const date of dates) {
    const text = date?.trim() ?? '';
    // V8 makes a date of nearly anything that has a number in it.
    if (!/\b(?:19|20)\d\d/.test(text) || text.length > 60) continue;
    const at = Date.parse(withZone(text));
    if (at <= now.getTime() + 86_400_000 && at > 0) return new Date(at);
  }
  return null;
}

function withZone(text: string): string {
  if (/^\d{4}(?:-\d\d){0,2}$/.test(text) || /(?:[+-]\d\d:?\d\d|\d\dZ|\b[A-Z]{1,4})$/.test(text)) return text;
  return text.includes('T') && /^\d{4}-/.test(text) ? `${text}Z` : `${text} UTC`;
}

/** The address, absolute, where it is one of the web's. */
export function webUrl(link: string | undefined, base: string): string | null {
  if (!link || !URL.canParse(link.trim(), base)) return null;
  const { protocol, href } = new URL(link.trim(), base);
  return (protocol === 'https:' || protocol === 'http:') && href.length <= 2000 ? href : null;
}

const DOI = /^(?:doi:\s*|info:doi\/|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/[^\s"<>?#&]{1,200})/i;
/** bioRxiv and medRxiv put the version after the DOI; publishers' own pages put `/doi/` before it. */
const DOI_IN_ADDRESS =
  /^https?:\/\/[^/]{1,100}\/(?:content|doi(?:\/(?:abs|full|pdf|epdf|epub))?)\/(10\.\d{4,9}\/[^\s"<>?#&]{1,200})/i;
const PREPRINT_SERVER = /^https?:\/\/(?:[a-z]+\.)?(?:bio|med)rxiv\.org\//i;
const PREPRINT_VERSION = /v(\d{1,3})(?:\.(?:full|short|abstract)(?:[.-][a-z]+)*)?$/i;

/** The first DOI among identifiers and addresses, without version, resolver or prefix. */
export function findDoi(texts: readonly (string | undefined)[]): string | null {
  for (const raw of texts) {
    const text = decoded(raw?.trim() ?? '');
    const doi = (DOI.exec(text) ?? DOI_IN_ADDRESS.exec(text))?.[1];
    if (!doi) continue;
    return (PREPRINT_SERVER.test(text) ? doi.replace(PREPRINT_VERSION, '') : doi).replace(
      /[.,;:)\]}'/]+$/,
      '',
    );
  }
  return null;
}

/** The version that an address on bioRxiv or medRxiv ends in; null elsewhere. */
export function preprintVersion(texts: readonly (string | undefined)[]): number | null {
  for (const text of texts) {
    const path = text && PREPRINT_SERVER.test(text) ? text.replace(/[?#].*$/s, '') : '';
    const version = Number(PREPRINT_VERSION.exec(path)?.[1] ?? 0);
    if (version > 0) return version;
  }
  return null;
}

/** Numbers like arXiv's stand in many addresses, so only arXiv's own and those of sites that use its ids count. */
const SPEAKS_OF_ARXIV =
  /^(?:https?:\/\/(?:[a-z0-9-]+\.)*(?:arxiv\.org|alphaxiv\.org|huggingface\.co\/papers)\/|(?:oai:)?arxiv[.:]|(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?10\.48550\/)/i;

export function findArxivId(texts: readonly (string | undefined)[]): ReturnType<typeof parseArxivId> {
  for (const raw of texts) {
    const text = decoded(raw?.trim() ?? '').slice(0, 500);
    const found = SPEAKS_OF_ARXIV.test(text) ? parseArxivId(text) : null;
    if (found) return found;
  }
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.slice(0, 2000));
  } catch {
    return text.slice(0, 2000);
  }
}
