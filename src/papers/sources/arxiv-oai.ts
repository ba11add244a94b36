/**
 * arXiv by OAI-PMH: everything that was added or changed since a day, set by set. It is the way to fetch arXiv as a
 * whole, and to go on the next day where the last run ended.
 */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { parseArxivId } from '../paper.ts';
import { readArxivOaiDraft } from './arxiv-oai-draft.ts';
import { pause } from './get-text.ts';
import {
  badAnswer,
  getRecord,
  type ListRequest,
  listRecords,
  type OaiAnswer,
  type OaiRecord,
} from './oai-pmh.ts';
import { addPaper, type SourceContext, type SourcePage } from './source.ts';

export interface ArxivOaiOptions {
  /** The whole address: `https://oaipmh.arxiv.org/oai`. */
  baseUrl: string;
  /** As arXiv spells them: `cs`, `physics:hep-ex`, `cs:cs:CL`. None means all of arXiv. */
  sets: string[];
  /** First and last day of change (not of submission), `YYYY-MM-DD` in UTC, both included. */
  from?: string;
  to?: string;
  /** Of an earlier page. Where that run had ended, this one starts on the day up to which all is read, unless `from` says otherwise. */
  cursor?: string;
  /** arXiv asks for three seconds between requests. */
  pauseMs: number;
}

const METADATA_PREFIX = 'arXiv';
/** arXiv has no older datestamp, and rejects a question that starts before it. */
const FIRST_DAY = '2005-09-16';

const day = z.iso.date();
const cursorSchema = z.object({
  /** The sets of the run, so that an index into another list of sets is never followed. */
  sets: z.array(z.string()),
  /** Index of the set to read next. */
  set: z.number().int().min(0),
  /** Of that set's next part; null where it is to be read from its start. */
  token: z.string().nullable(),
  /** The days of the run, for its other sets and for a set that must begin again; null is open. */
  from: day.nullable(),
  to: day.nullable(),
  /** The day of the run's first answer; null between runs. */
  began: day.nullable(),
});
type Cursor = z.infer<typeof cursorSchema>;

/**
 * Yields one page per answer. A list that arXiv has forgotten in the meantime begins again, so papers may come twice,
 * but none is missed. `total` counts deleted and unreadable records too, and is only told where a run has one list.
 * Throws `SOURCE_BAD_QUERY` where arXiv rejects the request (an unknown set) or `cursor` isn't one of these,
 * `SOURCE_BAD_ANSWER` for anything but whole OAI-PMH, `SOURCE_CURSOR_EXPIRED` where a list is forgotten again and
 * again, and what `getText` throws. After an error the cursor of the last page goes on where it happened.
 */
export async function* readArxivOai(
  ctx: SourceContext,
  options: ArxivOaiOptions,
): AsyncGenerator<SourcePage> {
  const { baseUrl, pauseMs } = options;
  const lists = options.sets.length > 0 ? options.sets : [undefined];
  let at = startOf(options);
  let asked = false;
  let restarted = false;
  while (at.set < lists.length) {
    if (asked) await pause(ctx, pauseMs);
    asked = true;
    let answer: OaiAnswer;
    try {
      answer = await listRecords(ctx, baseUrl, requestOf(ctx, at, lists[at.set]));
    } catch (error) {
      // Once a set: an archive that forgets at once would otherwise keep us busy for ever.
      if (!isExpired(error) || at.token === null || restarted) throw error;
      restarted = true;
      at = { ...at, token: null };
      continue;
    }
    if (answer.resumptionToken !== null && answer.resumptionToken === at.token) {
      throw badAnswer(new URL(baseUrl), 'the same part of the list twice');
    }
    // By arXiv's clock, and of the first answer: what changes while we read may stand on a part already read.
    at = { ...at, token: answer.resumptionToken, began: at.began ?? answer.day };
    if (at.token === null) {
      at = { ...at, set: at.set + 1 };
      restarted = false;
    }
    const page = pageOf(answer.records);
    page.cursor = JSON.stringify(at.set < lists.length ? at : betweenRuns(at));
    if (lists.length === 1) page.total = answer.total;
    yield page;
  }
}

/** One paper by its id; a page without papers where arXiv has it as deleted. Throws `SOURCE_BAD_QUERY` where it has none, else as above. */
export async function readArxivOaiRecord(
  ctx: SourceContext,
  { baseUrl, arxivId }: { baseUrl: string; arxivId: string },
): Promise<SourcePage> {
  const identifier = `oai:arXiv.org:${arxivId}`;
  const { records } = await getRecord(ctx, baseUrl, { identifier, metadataPrefix: METADATA_PREFIX });
  return pageOf(records);
}

function startOf({ sets, from, to, cursor }: ArxivOaiOptions): Cursor {
  const fresh = { sets, set: 0, token: null, from: from ?? null, to: to ?? null, began: null };
  if (cursor === undefined) return fresh;
  const kept = readCursor(cursor);
  if (kept.began === null) return { ...fresh, from: from ?? kept.from };
  const sameSets = kept.sets.length === sets.length && kept.sets.every((set, index) => set === sets[index]);
  return sameSets ? kept : { ...kept, sets, set: 0, token: null, began: null };
}

/** Days are the finest that arXiv tells, so the next run reads the last day again. */
function betweenRuns({ sets, to, began }: Cursor): Cursor {
  const readUpTo = to !== null && began !== null && to < began ? to : began;
  return { sets, set: 0, token: null, from: readUpTo, to: null, began: null };
}

function readCursor(text: string): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('SOURCE_BAD_QUERY', 'The cursor is not one of an arXiv harvest.', { cause });
  }
}

function requestOf(ctx: SourceContext, { token, from, to }: Cursor, set: string | undefined): ListRequest {
  if (token !== null) return { resumptionToken: token };
  const today = ctx.now().toISOString().slice(0, 10);
  return {
    metadataPrefix: METADATA_PREFIX,
    set,
    from: from !== null && from >= FIRST_DAY ? from : undefined,
    // arXiv rejects an end that lies ahead.
    until: to !== null && to < today ? to : undefined,
  };
}

function isExpired(error: unknown): boolean {
  return error instanceof AppError && error.code === 'SOURCE_CURSOR_EXPIRED';
}

function pageOf(records: OaiRecord[]): SourcePage {
  const page: SourcePage = { papers: [], skipped: [] };
  for (const record of records) {
    const externalId = (parseArxivId(record.identifier ?? '')?.id ?? record.identifier)?.slice(0, 300);
    const draft = record.deleted ? 'deleted' : readArxivOaiDraft(record);
    if (typeof draft === 'string') page.skipped.push({ reason: draft, externalId });
    else addPaper(page, draft);
  }
  return page;
}
