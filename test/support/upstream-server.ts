/**
 * A loopback server that answers like Hugging Face and arXiv, from recorded answers or from bodies a test gives it.
 * The same address serves both, so a whole ingest can be pointed at it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** How the next answers go wrong. */
export type Failure =
  | { kind: 'status'; status: number; retryAfter?: string; body?: string }
  /** Breaks the connection before any answer. */
  | { kind: 'cut' }
  /** Announces nothing and sends this many bytes. */
  | { kind: 'oversized'; bytes: number }
  /** Takes the request and never answers. */
  | { kind: 'silent' };

export interface UpstreamOptions {
  /** A folder with `upstream/hf_daily_papers` and `upstream/arxiv_atom_api`. */
  dataDir?: string | null;
  /** Bodies for `/api/daily_papers`, by day; they win over recorded ones. */
  days?: Record<string, unknown>;
  /** The answer to any Atom query that nothing else matches; by default an empty feed. */
  fallbackAtom?: string | ((params: URLSearchParams) => string);
}

export interface UpstreamRequest {
  path: string;
  params: URLSearchParams;
  userAgent: string;
}

export interface Upstream {
  /** `http://127.0.0.1:<port>`: the base URL of both sources. */
  url: string;
  requests: UpstreamRequest[];
  /** The next `times` answers (once by default) go wrong like this. */
  failNext: (failure: Failure, times?: number) => void;
  close: () => Promise<void>;
}

interface Recorded {
  params: URLSearchParams;
  status: number;
  body: Buffer;
}

/** The folder of recorded data (`PAPERBOY_DATA`, else the one beside the checkout), or null where there is none. */
export function findDataDir(): string | null {
  const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const dir = resolve(process.env.PAPERBOY_DATA ?? beside);
  return existsSync(resolve(dir, 'upstream')) ? dir : null;
}

export const EMPTY_FEED =
  '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>none</title></feed>';

/** Starts on a free port. Days that nobody recorded answer `[]`, as Hugging Face does at weekends. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const { dataDir = null, days = {}, fallbackAtom = EMPTY_FEED } = options;
  const recorded = dataDir ? readAtomRecordings(resolve(dataDir, 'upstream/arxiv_atom_api')) : [];
  const requests: UpstreamRequest[] = [];
  const failures: Failure[] = [];

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    requests.push({ path: pathname, params: searchParams, userAgent: request.headers['user-agent'] ?? '' });
    const failure = failures.shift();
    if (failure) return fail(response, failure);
    if (pathname === '/api/daily_papers') {
      return send(response, 200, 'application/json', dayBody(searchParams.get('date') ?? '', dataDir, days));
    }
    if (pathname === '/api/query') {
      const found = recorded.find((answer) => sameQuery(answer.params, searchParams));
      if (found) return send(response, found.status, 'application/atom+xml', found.body);
      const body = typeof fallbackAtom === 'string' ? fallbackAtom : fallbackAtom(searchParams);
      return send(response, 200, 'application/atom+xml', body);
    }
    send(response, 404, 'text/plain', 'not here');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext: (failure, times = 1) => failures.push(...Array.from({ length: times }, () => failure)),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The recorded first page of the search for "testing", for `fallbackAtom`; or an empty feed without data. */
export function recordedAtomPage(dataDir: string | null): string {
  const answers = dataDir ? readAtomRecordings(resolve(dataDir, 'upstream/arxiv_atom_api')) : [];
  const page = answers.find(
    ({ params }) =>
      params.get('search_query') === 'testing' &&
      params.get('start') === '0' &&
      params.get('max_results') === '10',
  );
  // Alone it is the whole search, or a reader would go on asking for the other 214,871.
  return page?.body.toString('utf8').replace(/(?<=totalResults>)\d+/, '10') ?? EMPTY_FEED;
}

function readAtomRecordings(dir: string): Recorded[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const answer = JSON.parse(readFileSync(resolve(dir, name), 'utf8'));
      // The recorder took the bytes for Latin-1; written back so, they are the UTF-8 that was sent.
      return {
        params: new URL(answer.url).searchParams,
        status: answer.status_code,
        body: Buffer.from(answer.body, 'latin1'),
      };
    });
}

/** Order and sorting aside, and an empty parameter is the same as none. */
function sameQuery(one: URLSearchParams, other: URLSearchParams): boolean {
  return ['search_query', 'id_list', 'start', 'max_results'].every(
    (name) => (one.get(name) ?? '') === (other.get(name) ?? ''),
  );
}

function dayBody(day: string, dataDir: string | null, days: Record<string, unknown>): string {
  if (day in days) return typeof days[day] === 'string' ? days[day] : JSON.stringify(days[day]);
  const file =
    dataDir && /^\d{4}-\d{2}-\d{2}$/.test(day) && resolve(dataDir, 'upstream/hf_daily_papers', `${day}.json`);
  return file && existsSync(file) ? readFileSync(file, 'utf8') : '[]';
}

/** Compressed, as both real servers do for clients that allow it. */
function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'content-encoding': 'gzip' });
  response.end(gzipSync(body));
}

function fail(response: ServerResponse, failure: Failure): void {
  switch (failure.kind) {
    case 'status': {
      const headers = failure.retryAfter === undefined ? {} : { 'retry-after': failure.retryAfter };
      response.writeHead(failure.status, { 'content-type': 'text/plain', ...headers });
      response.end(failure.body ?? 'not now');
      return;
    }
    case 'cut':
      response.destroy();
      return;
    case 'oversized':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(Buffer.alloc(failure.bytes, ' '));
      return;
    case 'silent':
      return;
  }
}
