/** Answers of the real sources as they were recorded, found again by the request that they answer. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMPTY_FEED } from './atom-feed.ts';
import { oaiAnswer } from './oai-archive.ts';

export interface Recording {
  /** Below `upstream/`: `arxiv_oai/arxiv-single.xml`. */
  name: string;
  status: number;
  type: string;
  body: Buffer;
  /** What an answer of the Atom API was asked for. */
  params?: URLSearchParams;
}

/** The folder of recorded data (`PAPERBOY_DATA`, else the one beside the checkout), or null where there is none. */
export function findDataDir(): string | null {
  const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const dir = resolve(process.env.PAPERBOY_DATA ?? beside);
  return existsSync(resolve(dir, 'upstream')) ? dir : null;
}

/** Every file, in every folder, so that a new one is not overlooked; none without data. */
export function readRecordings(dataDir: string | null): Recording[] {
  if (!dataDir) return [];
  const root = resolve(dataDir, 'upstream');
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => resolve(entry.parentPath, entry.name).slice(root.length + 1));
  return names.sort().map((name) => readRecording(root, name));
}

function readRecording(root: string, name: string): Recording {
  const text = readFileSync(resolve(root, name), 'utf8');
  if (name.startsWith('arxiv_atom_api/')) {
    const answer: { url: string; status_code: number; body: string } = JSON.parse(text);
    return {
      name,
      status: answer.status_code,
      type: 'application/atom+xml',
      params: new URL(answer.url).searchParams,
      // The recorder took the bytes for Latin-1; written back so, they are the UTF-8 that was sent.
      body: Buffer.from(answer.body, 'latin1'),
    };
  }
  if (name.endsWith('.json')) return { name, status: 200, type: 'application/json', body: Buffer.from(text) };
  // A record that was kept alone gets the envelope back that it came in.
  const xml = text.trimStart().startsWith('<record>') ? oaiAnswer(`<GetRecord>${text}</GetRecord>`) : text;
  return { name, status: 200, type: 'text/xml', body: Buffer.from(xml) };
}

/**
 * The answer to this request, if it was recorded. `/recorded/<name>` gives one by name, and those that follow it by
 * resumption token, as the generic ones name each other so.
 */
export function findRecording(recordings: readonly Recording[], url: URL): Recording | undefined {
  const { pathname, searchParams: params } = url;
  const named = (name: string) => recordings.find((recording) => recording.name === name);
  const token = params.get('resumptionToken');
  switch (pathname) {
    case '/api/daily_papers':
      return named(`hf_daily_papers/${params.get('date')}.json`);
    case '/api/query':
      return recordings.find((recording) => recording.params && isSameQuery(recording.params, params));
    case '/oai2':
      return recordings.find(
        ({ name, body }) => /^arxiv_oai/.test(name) && answers(body.toString('utf8'), params),
      );
  }
  const name = /^\/recorded\/(.+)$/.exec(decodeURI(pathname))?.[1];
  if (name === undefined) return undefined;
  if (token === null) return named(name);
  return named(name.replace(/[^/]*$/, token));
}

/** Sorting and dates aside, and an empty parameter is the same as none. */
function isSameQuery(one: URLSearchParams, other: URLSearchParams): boolean {
  return ['search_query', 'id_list', 'start', 'max_results'].every(
    (name) => undated(one.get(name)) === undated(other.get(name)),
  );
}

function undated(query: string | null): string {
  return (query ?? '').replace(/^\((.*)\) AND submittedDate:\[.*\]$/, '$1');
}

/** By identifier, or by set and format. */
function answers(xml: string, params: URLSearchParams): boolean {
  if (params.has('resumptionToken') || !xml.includes(`<${params.get('verb')}>`)) return false;
  const identifier = params.get('identifier');
  if (identifier !== null) return xml.includes(`<identifier>${identifier}</identifier>`);
  const asked = /<request ([^>]*)>/.exec(xml)?.[1] ?? '';
  return ['set', 'metadataPrefix'].every((key) => asked.includes(`${key}="${params.get(key)}"`));
}

/** Ten results of the search for "testing" from `start` (0, 10 … 50) on, as a search of `total` results; an empty feed without data. */
export function recordedAtomPage(dataDir: string | null, start = 0, total = 10): string {
  const page = readRecordings(dataDir).find(
    ({ params }) =>
      params?.get('search_query') === 'testing' &&
      params.get('start') === String(start) &&
      params.get('max_results') === '10',
  );
  // It was one of 214,881, and a reader would go on asking for the others.
  return page?.body.toString('utf8').replace(/(?<=totalResults[^>]*>)\d+/, String(total)) ?? EMPTY_FEED;
}
