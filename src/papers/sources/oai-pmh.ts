/**
 * OAI-PMH 2.0, the protocol by which archives are harvested: lists of records in parts, single records, and its errors.
 * What stands inside a record is the business of the adapter that asks.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { answerOf, getText } from './get-text.ts';
import type { SourceContext } from './source.ts';
import { XML_OPTIONS } from './xml.ts';

/** A new list, or the next part of one. A resumption token stands alone: the protocol allows nothing beside it. */
export type ListRequest =
  | { metadataPrefix: string; set?: string; from?: string; until?: string }
  | { resumptionToken: string };

export interface OaiRecord {
  /** `oai:arXiv.org:2501.00001`; undefined where the header has none. */
  identifier?: string;
  deleted: boolean;
  /** The one element inside `metadata`, named without its prefix; empty where there is none. */
  metadata: Record<string, unknown>;
}

export interface OaiAnswer {
  records: OaiRecord[];
  /** The day of the answer by the archive's own clock, `YYYY-MM-DD`. */
  day: string;
  /** Asks for the next part; null where the list has ended. */
  resumptionToken: string | null;
  /** Of the whole list, where the archive counts. */
  total: number | undefined;
}

/** arXiv puts 3,500 records in one answer, about 9 MB, and takes its time for it. */
const LIMITS = { timeoutMs: 120_000, maxBytes: 40_000_000, accept: 'text/xml, application/xml' };

/** Elements that may come more than once, wherever they stand. */
const LISTS = new Set(['record', 'error']);

const parser = new XMLParser({
  ...XML_OPTIONS,
  isArray: (name) => LISTS.has(name),
});

/** An element's text, whether or not it has attributes too. */
export const xmlText = z
  .union([z.string(), z.object({ '#text': z.string() }).transform((element) => element['#text'])])
  .transform((text) => text.trim());

/** The texts of an element that may be missing, come once or often; those that are no text are left out. */
export const xmlTexts = z
  .unknown()
  .transform((value) => [value].flat().flatMap((element) => xmlText.safeParse(element).data || []))
  .default([]);

const element = z.record(z.string(), z.unknown());
const recordSchema = z.object({
  header: element.catch({}),
  metadata: element.catch({}),
});
const listSchema = z.object({
  record: z.array(z.unknown()).default([]),
  resumptionToken: z.unknown().optional(),
});
const errorSchema = z.object({ '@code': z.string().catch('unnamed'), '#text': z.string().catch('') });
const answerSchema = z.object({
  'OAI-PMH': z.looseObject({
    responseDate: xmlText.pipe(z.string().regex(/^\d{4}-\d{2}-\d{2}/)),
    error: z.array(errorSchema.catch({ '@code': 'unnamed', '#text': '' })).default([]),
  }),
});
type Answer = z.infer<typeof answerSchema>['OAI-PMH'];

/**
 * Asks for one part of a list. A list without records is an answer like any other.
 * Throws `SOURCE_CURSOR_EXPIRED` where the archive no longer knows the resumption token, `SOURCE_BAD_QUERY` for every
 * other error of the protocol, `SOURCE_BAD_ANSWER` for anything that isn't whole and OAI-PMH, and what `getText` throws.
 */
export function listRecords(ctx: SourceContext, baseUrl: string, request: ListRequest): Promise<OaiAnswer> {
  return ask(ctx, baseUrl, 'ListRecords', { ...request });
}

/** Asks for one record. Throws as above; an identifier that the archive doesn't know is a `SOURCE_BAD_QUERY`. */
export function getRecord(
  ctx: SourceContext,
  baseUrl: string,
  request: { identifier: string; metadataPrefix: string },
): Promise<OaiAnswer> {
  return ask(ctx, baseUrl, 'GetRecord', request);
}

async function ask(
  ctx: SourceContext,
  baseUrl: string,
  verb: 'ListRecords' | 'GetRecord',
  params: Record<string, string | undefined>,
): Promise<OaiAnswer> {
  const url = new URL(baseUrl);
  url.searchParams.set('verb', verb);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const answer = parse(await fetchAnswer(ctx, url.href));
  if (!answer) throw badAnswer(url, 'something that is no whole OAI-PMH answer');
  const day = answer.responseDate.slice(0, 10);
  if (answer.error.length > 0) {
    throwUnlessEmpty(url, answer.error);
    return { records: [], day, resumptionToken: null, total: undefined };
  }
  const list = listSchema.safeParse(answer[verb] === '' ? {} : answer[verb]).data;
  if (!list) throw badAnswer(url, `an answer to something other than ${verb}`);
  return { records: list.record.map(readRecord), day, ...readToken(list.resumptionToken) };
}

/** Some archives send the protocol's errors with a status of 4xx; the document inside says more than the number. */
async function fetchAnswer(ctx: SourceContext, url: string): Promise<string> {
  try {
    return await getText(ctx, url, LIMITS);
  } catch (error) {
    const answer = answerOf(error);
    const refused = answer && answer.status >= 400 && answer.status < 500 && parse(answer.body);
    if (refused && refused.error.length > 0) return answer.body;
    throw error;
  }
}

/** The document, or null where it is none that we would read: the parser alone would accept half of one. */
function parse(xml: string): Answer | null {
  // The protocol needs no document type, and entity bombs can't do without one.
  if (/<!DOCTYPE/i.test(xml)) return null;
  const plain = resolveNumbers(xml);
  try {
    if (XMLValidator.validate(plain) !== true) return null;
    return answerSchema.safeParse(parser.parse(plain)).data?.['OAI-PMH'] ?? null;
  } catch {
    return null;
  }
}

const NAMED: Record<string, string> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** `&#233;` becomes é. The parser would do so only together with all of HTML's names. */
function resolveNumbers(xml: string): string {
  return xml.replace(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (_whole, hex?: string, decimal?: string) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    if (code === 0 || code > 0x10ffff) return '\ufffd';
    const character = String.fromCodePoint(code);
    return NAMED[character] ?? character;
  });
}

function readRecord(raw: unknown): OaiRecord {
  const { header, metadata } = recordSchema.catch({ header: {}, metadata: {} }).parse(raw);
  const inside = Object.entries(metadata).find(([name]) => !/^[@#]/.test(name))?.[1];
  return {
    identifier: xmlText.safeParse(header.identifier).data || undefined,
    deleted: header['@status'] === 'deleted',
    metadata: element.safeParse(inside).data ?? {},
  };
}

/** The last part of a list has no token or an empty one. */
function readToken(raw: unknown): Pick<OaiAnswer, 'resumptionToken' | 'total'> {
  const size = z.object({ '@completeListSize': z.coerce.number().int().min(0) }).safeParse(raw).data;
  return { resumptionToken: xmlText.safeParse(raw).data || null, total: size?.['@completeListSize'] };
}

/** Returns only where the archive's one complaint is that nothing matches. */
function throwUnlessEmpty(url: URL, errors: z.infer<typeof errorSchema>[]): void {
  if (errors.some((error) => error['@code'] === 'badResumptionToken')) {
    const message = `${url.host} no longer knows where the list was left off (badResumptionToken).`;
    throw new AppError('SOURCE_CURSOR_EXPIRED', message, { retry: true });
  }
  const complaint = errors.find((error) => error['@code'] !== 'noRecordsMatch');
  if (!complaint) return;
  const why = complaint['#text'].replace(/\s+/g, ' ').trim().slice(0, 300);
  const code = complaint['@code'].slice(0, 60);
  throw new AppError('SOURCE_BAD_QUERY', `${url.host} rejects the request: ${code}${why && `, “${why}”`}.`);
}

/** A transfer cut short looks the same as nonsense, and the next try may be whole. */
export function badAnswer(url: URL, what: string): AppError {
  return new AppError('SOURCE_BAD_ANSWER', `${url.host} sent ${what}.`, { retry: true });
}
