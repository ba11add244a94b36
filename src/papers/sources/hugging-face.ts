/** Hugging Face Daily Papers: the papers that people put on one day's page, with the votes they have so far. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { parseArxivId } from '../paper.ts';
import { getText, pause } from './get-text.ts';
import { parseJson, readLiteral } from './literal.ts';
import { addPaper, firstIssue, type SourceContext, type SourcePage } from './source.ts';

export interface HuggingFaceOptions {
  /** `https://huggingface.co`, without the path. */
  baseUrl: string;
  /** First and last day, `YYYY-MM-DD`, both included. */
  from: string;
  to: string;
  /** Wait between two days, milliseconds. */
  pauseMs?: number;
}

const DAY_MS = 86_400_000;
/** A page opens on the evening before in UTC; the earliest seen was 22:35. */
const OPENS_BEFORE_MS = 6 * 3_600_000;
/** A full day is under 300 kB. */
const LIMITS = { timeoutMs: 30_000, maxBytes: 8_000_000, accept: 'application/json' };

const count = z.number().int().min(0).nullish().catch(null);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Only what we use; a damaged extra costs that extra, a damaged id, title or date costs the record. */
const recordSchema = z.object({
  paper: z.object({
    id: z.string().min(1),
    title: z.string().min(1),
    summary: z.string().nullish().catch(null),
    publishedAt: instant,
    submittedOnDailyAt: instant.nullish().catch(null),
    authors: z.array(z.unknown()).nullish().catch(null),
    upvotes: count,
    githubRepo: z.string().max(2000).nullish().catch(null),
    githubStars: count,
  }),
  publishedAt: instant.nullish().catch(null),
  numComments: count,
});
type DailyRecord = z.infer<typeof recordSchema>;

const authorSchema = z.object({ name: z.string(), hidden: z.boolean().nullish().catch(null) });

/**
 * Yields one page per day from `from` to `to`, empty days included.
 * Records that can't be read are in `skipped`. Throws `SOURCE_BAD_ANSWER` for what is no JSON or ends early, so that the
 * day doesn't count as read, and what `getText` throws.
 */
export async function* readHuggingFaceDays(
  ctx: SourceContext,
  { baseUrl, from, to, pauseMs = 0 }: HuggingFaceOptions,
): AsyncGenerator<SourcePage> {
  for (const day of daysBetween(from, to)) {
    if (pauseMs > 0 && day !== from) await pause(ctx, pauseMs);
    const url = new URL('/api/daily_papers', baseUrl);
    url.searchParams.set('date', day);
    const answer = parseJson(await getText(ctx, url.href, LIMITS));
    if (answer === undefined) {
      throw new AppError('SOURCE_BAD_ANSWER', `${url.host} sent something that is no JSON for ${day}.`, {
        retry: true,
      });
    }
    yield readDay(answer, day, ctx.now());
  }
}

function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const end = Date.parse(`${to}T00:00:00Z`);
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= end; at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

/** Reads one day's answer. `day` is `YYYY-MM-DD`. */
function readDay(answer: unknown, day: string, observedAt: Date): SourcePage {
  const page: SourcePage = { papers: [], skipped: [] };
  const records = listOf(answer);
  if (!records) {
    page.skipped.push({ reason: `${day}: the answer is no list of papers` });
    return page;
  }
  for (const raw of records) {
    // Some days hold each record as text within the list.
    const parsed = recordSchema.safeParse(typeof raw === 'string' ? readLiteral(raw) : raw);
    if (parsed.success) addRecord(page, parsed.data, day, observedAt);
    else page.skipped.push({ reason: `${day}: ${firstIssue(parsed.error)}` });
  }
  return page;
}

/** The list itself, or the one in an envelope: `{ status, date, count, data: […] }` has been seen. */
function listOf(answer: unknown): unknown[] | null {
  if (Array.isArray(answer)) return answer;
  if (typeof answer !== 'object' || answer === null) return null;
  return Object.values(answer).find((value): value is unknown[] => Array.isArray(value)) ?? null;
}

function addRecord(page: SourcePage, record: DailyRecord, day: string, observedAt: Date): void {
  const { paper } = record;
  const arxiv = parseArxivId(paper.id);
  if (!arxiv) {
    page.skipped.push({ reason: `${day}: not an arXiv id`, externalId: paper.id.slice(0, 300) });
    return;
  }
  addPaper(page, {
    source: 'hf',
    externalId: arxiv.id,
    arxivId: arxiv.id,
    version: arxiv.version ?? 1,
    title: paper.title,
    abstract: paper.summary ?? '',
    authors: namesOf(paper.authors ?? []),
    publishedAt: paper.publishedAt,
    url: `https://arxiv.org/abs/${arxiv.id}`,
    codeUrl: paper.githubRepo && /^https?:\/\/\S+$/i.test(paper.githubRepo) ? paper.githubRepo : null,
    trend: {
      observedAt,
      listedAt: listedAt(record, day),
      upvotes: paper.upvotes ?? null,
      comments: record.numComments ?? null,
      githubStars: paper.githubStars ?? null,
    },
  });
}

function namesOf(authors: unknown[]): string[] {
  return authors.flatMap((author) => {
    const { data } = authorSchema.safeParse(author);
    return data && !data.hidden ? [data.name] : [];
  });
}

/**
 * When the paper went onto the day's page. Newer answers say so; in older ones the record's own `publishedAt` was
 * that moment, before it became a copy of the paper's date (four hours off), so it counts only within the day itself.
 */
function listedAt({ paper, publishedAt }: DailyRecord, day: string): Date {
  if (paper.submittedOnDailyAt) return paper.submittedOnDailyAt;
  const start = Date.parse(`${day}T00:00:00Z`);
  const at = publishedAt?.getTime() ?? 0;
  const plausible = at > paper.publishedAt.getTime() && at >= start - OPENS_BEFORE_MS && at < start + DAY_MS;
  return new Date(plausible ? at : start);
}
