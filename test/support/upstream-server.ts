/**
 * A loopback server that plays every source at one address: from recorded answers, else from bodies that a test gives
 * it. It goes wrong when told to.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { EMPTY_FEED } from './atom-feed.ts';
import { oaiError } from './oai-archive.ts';
import { findRecording, readRecordings } from './recordings.ts';

/** How an answer goes wrong. */
export type Failure =
  | { kind: 'status'; status: number; retryAfter?: string; body?: string }
  /** Breaks the connection before any answer. */
  | { kind: 'cut' }
  /** Breaks the connection in the middle of the answer. */
  | { kind: 'half' }
  /** Sends the client on to another address, which answers. */
  | { kind: 'moved' }
  /** Sends this many bytes of nothing; packed, they are a thousandth of it on their way. */
  | { kind: 'oversized'; bytes: number; packed?: boolean }
  /** Takes the request and never answers. */
  | { kind: 'silent' };

type Body = string | ((params: URLSearchParams) => string);

export interface UpstreamOptions {
  /** The folder with `upstream/`. */
  dataDir?: string | null;
  /** Bodies for `/api/daily_papers`, by day; they win over recorded ones. Days that nobody knows are empty. */
  days?: Record<string, unknown>;
  /** The answer to any Atom query that was not recorded; by default an empty feed. */
  fallbackAtom?: Body;
  /** The answer to any question at `/oai2` that was not recorded; by default `noRecordsMatch`. */
  fallbackOai?: Body;
  /** Whole bodies by path, for feeds. */
  pages?: Record<string, string>;
}

export interface UpstreamRequest {
  path: string;
  params: URLSearchParams;
  userAgent: string;
  /** The status it was answered with; undefined where the connection was cut before. */
  status?: number;
}

export interface Upstream {
  /** `http://127.0.0.1:<port>`: the base URL of all sources. */
  url: string;
  /** The same with the path of the OAI-PMH archive. */
  oaiUrl: string;
  requests: UpstreamRequest[];
  /** Names of the recorded answers that were sent, whole or in part. */
  served: Set<string>;
  /** After `after` good answers, `times` go wrong like this. */
  failNext: (failure: Failure, times?: number, after?: number) => void;
  /** Answers the next request with this body, whatever it asks for. */
  answerNext: (body: string) => void;
  /** Forgets what was asked, what was served, and what was to go wrong. */
  reset: () => void;
  close: () => Promise<void>;
}

interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
}

/** Starts on a free port. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const recordings = readRecordings(options.dataDir ?? null);
  const requests: UpstreamRequest[] = [];
  const served = new Set<string>();
  const plan: (Failure | null)[] = [];

  const answerTo = (url: URL): Answer => {
    const { pathname: path, searchParams: params } = url;
    const day = options.days?.[params.get('date') ?? ''];
    if (path === '/api/daily_papers' && day !== undefined) {
      return {
        status: 200,
        type: 'application/json',
        body: typeof day === 'string' ? day : JSON.stringify(day),
      };
    }
    const recording = findRecording(recordings, url);
    if (recording) served.add(recording.name);
    return recording ?? madeAnswer(options, path, params);
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { pathname: path, searchParams: params } = url;
    const seen: UpstreamRequest = { path, params, userAgent: request.headers['user-agent'] ?? '' };
    requests.push(seen);
    const failure = plan.shift() ?? null;
    if (failure?.kind === 'moved') {
      response.writeHead(301, { location: `/moved${request.url}` });
      response.end('elsewhere');
    } else if (failure && failure.kind !== 'half') fail(response, failure);
    else {
      url.pathname = path.replace(/^\/moved/, '');
      if (failure) sendHalf(response, answerTo(url));
      else send(request, response, answerTo(url));
    }
    if (response.headersSent) seen.status = response.statusCode;
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    oaiUrl: `${url}/oai2`,
    requests,
    served,
    failNext: (failure, times = 1, after = 0) =>
      void plan.push(...new Array<null>(after).fill(null), ...new Array<Failure>(times).fill(failure)),
    reset: () => {
      requests.length = 0;
      served.clear();
      plan.length = 0;
    },
    answerNext: (body) => void plan.push({ kind: 'status', status: 200, body }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** What nobody recorded. */
function madeAnswer(
  { fallbackAtom = EMPTY_FEED, fallbackOai = oaiError('noRecordsMatch'), pages = {} }: UpstreamOptions,
  path: string,
  params: URLSearchParams,
): Answer {
  const of = (body: Body) => (typeof body === 'string' ? body : body(params));
  if (path === '/api/daily_papers') return { status: 200, type: 'application/json', body: '[]' };
  if (path === '/api/query') return { status: 200, type: 'application/atom+xml', body: of(fallbackAtom) };
  if (path === '/oai2') return { status: 200, type: 'text/xml', body: of(fallbackOai) };
  // The next part of a recorded list, which was not recorded.
  if (path.startsWith('/recorded/')) {
    return { status: 200, type: 'text/xml', body: oaiError('badResumptionToken') };
  }
  const page = pages[path];
  if (page !== undefined) return { status: 200, type: 'application/octet-stream', body: page };
  return { status: 404, type: 'text/plain', body: 'not here' };
}

/** Compressed, as the real servers do for clients that allow it, and not at all where the client has it already. */
function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  const etag = `W/"${createHash('md5').update(body).digest('hex')}"`;
  if (status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag });
    response.end();
    return;
  }
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-encoding': 'gzip',
    ...(status === 200 ? { etag } : {}),
  });
  response.end(gzipSync(body));
}

function sendHalf(response: ServerResponse, { type, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

function fail(response: ServerResponse, failure: Exclude<Failure, { kind: 'half' | 'moved' }>): void {
  switch (failure.kind) {
    case 'status': {
      const { status, retryAfter, body = 'not now' } = failure;
      response.writeHead(status, {
        'content-type': `text/${body.startsWith('<') ? 'xml' : 'plain'}; charset=utf-8`,
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      });
      response.end(status === 304 ? undefined : body);
      return;
    }
    case 'cut':
      response.destroy();
      return;
    case 'oversized':
      sendNothing(response, failure.bytes, failure.packed ?? false);
      return;
    case 'silent':
      return;
  }
}

/** As much as the client takes, up to `bytes`. */
function sendNothing(response: ServerResponse, bytes: number, packed: boolean): void {
  response.writeHead(200, {
    'content-type': 'text/plain',
    ...(packed ? { 'content-encoding': 'gzip' } : {}),
  });
  if (packed) {
    response.end(packedNothing(bytes));
    return;
  }
  const chunk = Buffer.alloc(1_000_000, ' ');
  const more = (left: number): void => {
    if (response.destroyed) return;
    if (left <= 0) response.end();
    else response.write(chunk.subarray(0, left), () => more(left - chunk.length));
  };
  more(bytes);
}

const packs = new Map<number, Buffer>();

/** Packing 50 MB takes longer than any client reads of it. */
function packedNothing(bytes: number): Buffer {
  const pack = packs.get(bytes) ?? gzipSync(Buffer.alloc(bytes, ' '), { level: 1 });
  packs.set(bytes, pack);
  return pack;
}
