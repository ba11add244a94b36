/**
 * Semantic Scholar, asked about papers that other sources told of: citations, where they appeared, a free PDF, fields.
 * It adds to papers and never brings new ones.
 */
import { AppError } from '../../errors.ts';
import { parseArxivId } from '../paper.ts';
import { answerOf, getText } from './get-text.ts';
import { parseJson } from './literal.ts';
import { DOI, FIELDS, recordSchema, type ScholarRecord } from './semantic-scholar-record.ts';
import { addPaper, firstIssue, type SourceContext, type SourcePage } from './source.ts';

/** A stored paper, as far as it takes to ask about it. */
export interface KnownPaper extends PaperPlace {
  arxivId: string | null;
  doi: string | null;
  title: string;
  authors: string[];
  publishedAt: Date | null;
  /** As last counted here. */
  citations: number | null;
}

/** A paper's place among all, newest first. */
export interface PaperPlace {
  firstSeenAt: Date;
  id: number;
}

export interface KnownPapersAsk {
  /** The oldest `firstSeenAt` of interest. */
  since: Date;
  /** Where the page before ended: only what lies behind it, that is earlier. */
  before: PaperPlace;
  limit: number;
}

export interface SemanticScholarOptions {
  /** `https://api.semanticscholar.org`, without the path. */
  baseUrl: string;
  apiKey: string | null;
  listKnown: (ask: KnownPapersAsk) => Promise<KnownPaper[]>;
  /** Papers first seen from `since` on and before `until`. */
  since: Date;
  until: Date;
  /** Of the last page that was kept. */
  cursor: string | null;
}

/** What one request may ask for. */
const BATCH = 500;
/** It answers with 10 MB at most, and without a key often with 429. */
const LIMITS = { timeoutMs: 60_000, maxBytes: 12_000_000, accept: 'application/json', tries: 5 };
/** Said with status 400 where none of a batch is known: new papers take days to arrive there. */
const NONE_KNOWN = /no valid paper ids/i;

/**
 * Yields a page for each batch of known papers, newest first, and an empty one behind the last. A cursor that names a
 * place goes on behind it; any other begins anew. Papers it does not know are in `skipped`; throws what `getText` throws,
 * and `SOURCE_BAD_ANSWER` for an answer that is no list of as many.
 */
export async function* readSemanticScholar(
  ctx: SourceContext,
  options: SemanticScholarOptions,
): AsyncGenerator<SourcePage> {
  const { since, until, listKnown } = options;
  const startedAt = ctx.now();
  const place = readPlace(options.cursor);
  let before = place && place.firstSeenAt >= since ? place : { firstSeenAt: until, id: 0 };
  for (;;) {
    const known = await listKnown({ since, before, limit: BATCH });
    const last = known.at(-1);
    if (!last) break;
    before = last;
    yield {
      ...(await lookUp(ctx, options, known)),
      cursor: `${last.firstSeenAt.toISOString()} ${last.id}`,
    };
  }
  yield { papers: [], skipped: [], cursor: `done ${startedAt.toISOString()}` };
}

function readPlace(cursor: string | null): PaperPlace | null {
  const [, time = '', id] = /^(\d{4}-\S+Z) (\d+)$/.exec(cursor ?? '') ?? [];
  const firstSeenAt = new Date(time);
  return Number.isNaN(firstSeenAt.getTime()) ? null : { firstSeenAt, id: Number(id) };
}

interface Asked {
  /** In the words of the API. */
  id: string;
  paper: KnownPaper;
}

async function lookUp(
  ctx: SourceContext,
  { baseUrl, apiKey }: SemanticScholarOptions,
  known: readonly KnownPaper[],
): Promise<SourcePage> {
  const page: SourcePage = { papers: [], skipped: [] };
  const asked: Asked[] = [];
  for (const paper of known) {
    const id = idToAsk(paper);
    // One bad id makes it refuse the whole batch.
    if (id) asked.push({ id, paper });
    else page.skipped.push({ reason: 'no id that can be asked for', externalId: paper.doi ?? undefined });
  }
  if (asked.length === 0) return page;
  const url = new URL('/graph/v1/paper/batch', baseUrl);
  url.searchParams.set('fields', FIELDS);
  const ids = asked.map(({ id }) => id);
  const answers = await getText(ctx, url.href, {
    ...LIMITS,
    headers: apiKey ? { 'x-api-key': apiKey } : {},
    json: { ids },
  }).then(
    (body) => readList(body, ids.length, url.host),
    (error: unknown) => {
      const answer = answerOf(error);
      if (answer?.status === 400 && NONE_KNOWN.test(answer.body)) return ids.map(() => null);
      throw error;
    },
  );
  addAnswers(page, asked, answers, ctx.now());
  return page;
}

function idToAsk({ arxivId, doi }: KnownPaper): string | null {
  if (arxivId && parseArxivId(arxivId)?.id === arxivId) return `ARXIV:${arxivId}`;
  return doi && DOI.test(doi) ? `DOI:${doi}` : null;
}

function readList(body: string, most: number, host: string): unknown[] {
  const answer = parseJson(body);
  if (Array.isArray(answer) && answer.length <= most) return answer;
  throw new AppError('SOURCE_BAD_ANSWER', `${host} sent no list of the papers asked for.`, { retry: true });
}

/** The answers are meant to stand where their ids stood, null for what is not known; they have come in disorder, too. */
function addAnswers(page: SourcePage, asked: readonly Asked[], answers: unknown[], now: Date): void {
  const byArxiv = new Map(asked.map((one) => [one.paper.arxivId, one]));
  const byDoi = new Map(asked.map((one) => [one.paper.doi, one]));
  const inOrder = answers.length === asked.length;
  for (const [at, question] of asked.entries()) {
    const own = inOrder ? question : undefined;
    const answer = answers[at] ?? null;
    if (answer === null) {
      page.skipped.push({ reason: 'not known to Semantic Scholar', externalId: own?.id });
      continue;
    }
    const parsed = recordSchema.safeParse(answer);
    if (!parsed.success) {
      page.skipped.push({ reason: firstIssue(parsed.error), externalId: own?.id });
      continue;
    }
    const record = parsed.data;
    const one =
      (record.arxivId && byArxiv.get(record.arxivId)) ||
      (record.doi && byDoi.get(record.doi)) ||
      (own && !namesAnother(own.paper, record) && own);
    if (one) addRecord(page, record, one, now);
    else page.skipped.push({ reason: 'not one of the papers asked for', externalId: own?.id });
  }
}

function namesAnother(paper: KnownPaper, record: ScholarRecord): boolean {
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  return differ(paper.arxivId, record.arxivId) || differ(paper.doi, record.doi);
}

/** What we know of the paper already says which one it is; of the ids, only a kind that was not known is added. */
function addRecord(page: SourcePage, record: ScholarRecord, { id, paper }: Asked, observedAt: Date): void {
  const { venue, openAccessUrl, fieldsOfStudy, citations } = record;
  addPaper(page, {
    source: 'semantic-scholar',
    externalId: id,
    arxivId: paper.arxivId ?? record.arxivId,
    doi: paper.doi ?? record.doi,
    title: paper.title,
    authors: paper.authors,
    venue,
    openAccessUrl,
    fieldsOfStudy,
    // A count that has not moved would be a line a day for each paper, and say nothing.
    trend:
      citations === null || citations === paper.citations
        ? null
        : { observedAt, listedAt: paper.publishedAt ?? paper.firstSeenAt, citations },
  });
}
