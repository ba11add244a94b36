/** Papers from a bibliography, as Google Scholar, DBLP, the ACL Anthology, Zotero, Mendeley and hands write BibTeX. */
import { fingerprintOf } from '../identity.ts';
import { parseArxivId } from '../paper.ts';
import { readableText } from '../text.ts';
import { type BibtexEntry, readBibtexEntries } from './bibtex-entries.ts';
import { readBibtexNames } from './bibtex-names.ts';
import { readBibtexText } from './bibtex-text.ts';
import { addPaper, type PaperDraft, type SourcePage } from './source.ts';

const PAGE_SIZE = 500;

/** Longer than any title that is kept. */
const MAX_RAW_TITLE = 8_000;

/** arXiv's archives of the time when they were part of its ids; PubMed and others have numbers of seven digits too. */
const OLD_ARCHIVE =
  /^(?:(?:acc|adap|chao|comp|mtrl|patt|solv|supr)-[a-z]+|alg-geom|astro-ph|cmp-lg|cond-mat|cs|dg-ga|funct-an|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin|nucl-(?:ex|th)|physics|plasm-ph|q-(?:alg|bio)|quant-ph)$/;

/** Types that stand for no paper: volumes that papers appear in, and what biblatex keeps for itself. */
const NOT_PAPERS = new Set([
  'proceedings',
  'mvproceedings',
  'collection',
  'mvcollection',
  'periodical',
  'control',
  'set',
  'xdata',
]);

/**
 * Yields pages of 500 papers from a path (`.gz` is unpacked on the way; UTF-8, or else Latin-1) or from text in pieces.
 * A year later than the one after `observedAt` is taken for a slip. An entry that can't be read is skipped, with its line
 * and key. Throws `FILE_UNREADABLE`, or `SOURCE_TOO_LARGE` where there are more than 50 MB.
 */
export async function* readBibtex(
  input: string | AsyncIterable<string> | Iterable<string>,
  observedAt: Date,
): AsyncGenerator<SourcePage> {
  const entries = readBibtexEntries(await readBibtexText(input));
  const byKey = new Map(entries.map((entry) => [entry.key.toLowerCase(), entry]));
  const latestYear = observedAt.getUTCFullYear() + 1;
  for (let from = 0; from < entries.length; from += PAGE_SIZE) {
    const page: SourcePage = { papers: [], skipped: [] };
    for (const entry of entries.slice(from, from + PAGE_SIZE)) {
      // Its volume's date is the paper's too; nothing else of it is.
      const volume = byKey.get(entry.fields.get('crossref')?.trim().toLowerCase() ?? '');
      addEntry(page, entry, dateOf(entry, latestYear) ?? (volume ? dateOf(volume, latestYear) : null));
    }
    yield page;
  }
}

function addEntry(page: SourcePage, entry: BibtexEntry, publishedAt: Date | null): void {
  const where = `line ${entry.line}${entry.key ? `, ${entry.key}` : ''}`;
  const fault =
    entry.fault ??
    (NOT_PAPERS.has(entry.type) ? `a ${entry.type} is not a paper` : null) ??
    (entry.fields.has('title') ? null : 'it has no title');
  if (fault) {
    page.skipped.push({ reason: `${where}: ${fault}`, externalId: entry.key || undefined });
    return;
  }
  const skipped = page.skipped.length;
  addPaper(page, draftOf(entry, publishedAt));
  for (const record of page.skipped.slice(skipped)) record.reason = `${where}: ${record.reason}`;
}

function draftOf({ fields }: BibtexEntry, publishedAt: Date | null): PaperDraft {
  const field = (name: string) => fields.get(name) ?? '';
  const arxiv = arxivOf(field);
  const doi = doiOf(field('doi')) ?? doiOf(field('url'), 'address');
  const title = [field('title'), field('subtitle')].filter(Boolean).map(unprotected).join(': ');
  const authors = readBibtexNames(field('author'));
  const identity = { arxivId: arxiv?.id ?? null, doi, title, authors };
  return {
    ...identity,
    source: 'file',
    externalId: arxiv?.id ?? doi?.toLowerCase() ?? fingerprintOf({ title: readableText(title), authors }),
    version: arxiv?.version ?? 1,
    // Sets and code are pasted into abstracts as they are, so only braces around the whole go.
    abstract: field('abstract').replace(/^\s*\{([^{}]*)\}\s*$/, '$1'),
    categories: arxiv ? field('primaryclass').split(/[\s,;]+/) : [],
    publishedAt,
    url:
      [field('url'), field('howpublished'), field('note')].map(addressIn).find((url) => url !== null) ??
      (arxiv ? `https://arxiv.org/abs/${arxiv.id}` : null) ??
      (doi ? encodeURI(`https://doi.org/${doi}`) : null),
  };
}

/**
 * Without the braces that keep capitals (`{{GaAs, InAs}} wires`), which readers would see as a set's. Those of commands,
 * of maths and of groups that begin with a command stay.
 */
function unprotected(raw: string): string {
  const kept: boolean[] = [];
  let text = '';
  let maths = false;
  let afterArgument = false;
  for (const { 0: part, index } of raw
    .slice(0, MAX_RAW_TITLE)
    .matchAll(/\\(?:[A-Za-z]+|[\s\S])?|[{}$]|[^\\{}$]+/g)) {
    if (part === '$') maths = !maths;
    const keeps =
      part === '{' &&
      (maths ||
        afterArgument ||
        /(?:\\[A-Za-z]+\s*|\\[^\w\s{}$%&#]|[\^_])$/.test(raw.slice(Math.max(0, index - 40), index)) ||
        /^\{\\[^{}]/.test(raw.slice(index, index + 3)));
    if (part === '{') kept.push(keeps);
    const closes = part === '}' && kept.pop() === true;
    if ((part !== '{' && part !== '}') || keeps || closes) text += part;
    afterArgument = closes;
  }
  return text;
}

/** The arXiv id from wherever programs put it. A mention in passing ("extends arXiv:…") is another paper's. */
function arxivOf(field: (name: string) => string): { id: string; version: number | null } | null {
  const archive = (field('archiveprefix') || field('eprinttype')).trim().toLowerCase();
  const eprint = plainText(field('eprint') || field('arxivid'));
  const journal = field('journal') || field('journaltitle');
  const claims = [
    // `hep-th` with `9711200`: the archive is half of the old kind of id.
    /^\d{7}$/.test(eprint) && OLD_ARCHIVE.test(archive) ? `${archive}/${eprint}` : '',
    archive === '' || archive === 'arxiv' ? eprint : '',
    /^(https?:\/\/(dx\.)?doi\.org\/)?10\.48550\//i.test(plainText(field('doi')))
      ? plainText(field('doi'))
      : '',
    /^https?:\/\/([a-z]+\.)?arxiv\.org\//i.test(plainText(field('url'))) ? plainText(field('url')) : '',
    /arxiv/i.test(journal) ? journal : '',
    /^(?:corr|arxiv)$/i.test(plainText(journal)) ? field('volume') : '',
    ...['number', 'note', 'howpublished']
      .map(field)
      .filter((value) => /^[\s{(]*(\\url\{)?(https?:\/\/)?arxiv\b/i.test(value)),
  ];
  for (const claim of claims) {
    const id = claim === '' ? null : parseArxivId(plainText(claim).slice(0, 300));
    if (id) return id;
  }
  return null;
}

function doiOf(value: string, kind: 'any' | 'address' = 'any'): string | null {
  const text = plainText(value).slice(0, 400);
  const match = /^(?:doi:\s*|(https?:\/\/(?:dx\.|www\.)?doi\.org\/))?(10\.\d{4,9}\/\S{1,250})$/i.exec(text);
  return match?.[2] && (kind === 'any' || match[1]) ? match[2] : null;
}

function addressIn(value: string): string | null {
  const url = /https?:\/\/[^\s<>"]{1,1900}/i.exec(plainText(value))?.[0];
  return url && URL.canParse(url) ? url : null;
}

/** Identifiers and addresses as they are: without braces, `\url`, and the backslashes that LaTeX wants. */
function plainText(value: string): string {
  return value
    .slice(0, 4000)
    .replace(/\\url\b|\{\\textasciitilde\s*\}|\\textasciitilde\s*|\\~\{\}/g, (found) =>
      found === '\\url' ? '' : '~',
    )
    .replace(/\\([_%&#$~{}])|[{}]/g, '$1')
    .trim();
}

/** Years, months and days as BibTeX (`month = jun # "~3"`) and biblatex (`2019-06-03/2019-06-05`) write them; UTC. */
function dateOf({ fields }: BibtexEntry, latestYear: number): Date | null {
  const date = /(?<!\d)(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?!\d)/.exec(fields.get('date') ?? '');
  const written = /(?<!\d)(\d{4})(?!\d)/.exec(fields.get('year') ?? '');
  const month = (fields.get('month') ?? '').replace(/[{}~]/g, ' ').slice(0, 100);
  return (
    dayOf(latestYear, Number(date?.[1]), Number(date?.[2] ?? 1), Number(date?.[3] ?? 1)) ??
    dayOf(latestYear, Number(written?.[1]), monthOf(month), dayIn(month) ?? Number(fields.get('day') ?? 1))
  );
}

/** The first of the month, or of January, where the rest makes no date. */
function dayOf(latestYear: number, year: number, month: number, day: number): Date | null {
  // The first journals are of 1665.
  if (!(year >= 1600 && year <= latestYear)) return null;
  const isMonth = month >= 1 && month <= 12;
  const date = new Date(Date.UTC(year, isMonth ? month - 1 : 0, isMonth && day >= 1 && day <= 31 ? day : 1));
  return isMonth && date.getUTCMonth() !== month - 1 ? new Date(Date.UTC(year, month - 1, 1)) : date;
}

function monthOf(text: string): number {
  const name = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/i.exec(text)?.[0].toLowerCase();
  return name ? 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(name) / 3 + 1 : Number(text.trim());
}

/** The day where a month's name stands beside it. */
function dayIn(month: string): number | null {
  const day = /[a-z]/i.test(month) ? /(?<!\d)(\d{1,2})(?!\d)/.exec(month)?.[1] : undefined;
  return day === undefined ? null : Number(day);
}
