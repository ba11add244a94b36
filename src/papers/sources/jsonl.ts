/** Papers from a file: one JSON object a line, plain or gzipped, with the field names that such files commonly use. Only a title is a must. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { fingerprintOf } from '../identity.ts';
import { parseArxivId } from '../paper.ts';
import { readableText } from '../text.ts';
import { parseJson } from './literal.ts';
import { addPaper, firstIssue, type PaperDraft, type SourcePage } from './source.ts';

const PAGE_SIZE = 500;

const text = z.string().nullish();
const count = z.number().int().min(0).nullish().catch(null);
const lineSchema = z
  .object({
    id: z.union([z.string(), z.number()]).nullish(),
    arxiv_id: text,
    arxivId: text,
    title: z.string().min(1),
    abstract: text,
    summary: text,
    authors: z.union([z.array(z.string()), z.string()]).nullish(),
    categories: z.array(z.string()).nullish(),
    published: text,
    publishedAt: text,
    date: text,
    day: text,
    hf_day: text,
    upvotes: count,
    comments: count,
    numComments: count,
    github_stars: count,
    githubStars: count,
    doi: text,
    url: text,
  })
  .transform((line, issues) => {
    const told = line.published ?? line.publishedAt ?? line.date ?? line.day;
    const publishedAt = instant(told);
    if (told && !publishedAt) issues.addIssue('published: not a date');
    return { ...line, id: String(line.arxiv_id ?? line.arxivId ?? line.id ?? ''), publishedAt };
  });
type Line = z.infer<typeof lineSchema>;

/**
 * Yields pages of 500 papers from a path (`.gz` is unpacked on the way) or from lines.
 * `observedAt` is when the file's votes were counted. A line that can't be read is skipped by its number, from 1.
 * Throws what the file system throws.
 */
export async function* readJsonLines(
  input: string | AsyncIterable<string> | Iterable<string>,
  observedAt: Date,
): AsyncGenerator<SourcePage> {
  let page: SourcePage = { papers: [], skipped: [] };
  let number = 0;
  for await (const line of typeof input === 'string' ? linesOf(input) : input) {
    number += 1;
    if (line.trim() === '') continue;
    addLine(page, line, number, observedAt);
    if (page.papers.length + page.skipped.length >= PAGE_SIZE) {
      yield page;
      page = { papers: [], skipped: [] };
    }
  }
  if (page.papers.length + page.skipped.length > 0) yield page;
}

export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe doesn't hand on errors, and a missing file must not leave the reader waiting.
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error));
  let rest = '';
  try {
    for await (const chunk of bytes.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    file.destroy();
  }
}

function addLine(page: SourcePage, line: string, number: number, observedAt: Date): void {
  const parsed = lineSchema.safeParse(parseJson(line));
  if (!parsed.success) {
    page.skipped.push({ reason: `line ${number}: ${firstIssue(parsed.error)}` });
    return;
  }
  const skipped = page.skipped.length;
  addPaper(page, draftOf(parsed.data, observedAt));
  for (const record of page.skipped.slice(skipped)) record.reason = `line ${number}: ${record.reason}`;
}

function draftOf(line: Line, observedAt: Date): PaperDraft {
  const arxiv = parseArxivId(line.id);
  const doi = line.doi || null;
  const authors = names(line.authors ?? []);
  const votes = {
    upvotes: line.upvotes ?? null,
    comments: line.comments ?? line.numComments ?? null,
    githubStars: line.github_stars ?? line.githubStars ?? null,
  };
  const counted = Object.values(votes).some((value) => value !== null);
  const listedAt = instant(line.day ?? line.hf_day) ?? line.publishedAt ?? observedAt;
  return {
    source: 'file',
    externalId:
      arxiv?.id ?? doi?.toLowerCase() ?? fingerprintOf({ title: readableText(line.title), authors }),
    arxivId: arxiv?.id ?? null,
    version: arxiv?.version ?? 1,
    doi,
    title: line.title,
    abstract: line.abstract ?? line.summary ?? '',
    authors,
    categories: line.categories ?? [],
    publishedAt: line.publishedAt,
    url: line.url || (arxiv ? `https://arxiv.org/abs/${arxiv.id}` : null),
    trend: counted ? { observedAt, listedAt, ...votes } : null,
  };
}

function names(authors: string[] | string): string[] {
  return typeof authors === 'string' ? authors.split(/\s*(?:[,;]|\band\b)\s*/) : authors;
}

/** `2025-03-24`, `2025-03-24T10:00:00Z`; a time without a zone is UTC, whatever the machine's zone. */
function instant(value: string | null | undefined): Date | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    value?.trim() ?? '',
  );
  if (!match) return null;
  const date = new Date(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? 'Z'}`);
  return Number.isNaN(date.getTime()) ? null : date;
}
