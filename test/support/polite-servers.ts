/** Two servers on loopback that answer as a test says, and polite requests to them, whose turns and waits are noted and not waited. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createPoliteFetch } from '../../src/papers/sources/polite-fetch.ts';
import type { SourceContext } from '../../src/papers/sources/source.ts';
import { NOW } from './sources.ts';

export const LIMITS = { timeoutMs: 5_000, maxBytes: 1_000_000, accept: '*/*', tries: 3 };

/** Both servers for all tests of a file; what a test asked and how it was answered is forgotten after it. */
export function usePoliteServers() {
  const sendFine: RequestListener = (_request, response) => response.end('fine');
  const servers: Server[] = [];
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const log: string[] = [];
  const waits: number[] = [];

  const polite = createPoliteFetch({
    fetch: globalThis.fetch,
    reserve: async (host) => {
      log.push(`reserve ${host}`);
      return 3_000;
    },
    sleep: async (ms) => void log.push(`wait ${ms}`),
  });
  const context = (fetch: typeof globalThis.fetch): SourceContext => ({
    fetch,
    now: () => NOW,
    userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
  });

  const net = {
    /** `http://127.0.0.1:<port>` of each, once it listens. */
    url: '',
    other: '',
    /** How both answer. */
    handle: sendFine,
    /** What this test asked for. */
    seen,
    paths: () => seen.map(({ path }) => path),
    /** Turns that were booked, waits for them and requests, in their order. */
    log,
    /** Pauses before another try, in milliseconds. */
    waits,
    polite,
    context,
    ctx: context(polite),
  };

  async function listen(): Promise<string> {
    const server = createServer((request, response) => {
      seen.push({ path: request.url ?? '', headers: request.headers });
      log.push(`request ${request.url}`);
      net.handle(request, response);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    net.url = await listen();
    net.other = await listen();
  });
  beforeEach(() => {
    net.handle = sendFine;
  });
  afterEach(() => {
    for (const noted of [seen, log, waits]) noted.length = 0;
  });
  afterAll(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });
  return net;
}

/** Answers each path with a redirect to what it maps to, and any other path with its own name. */
export function redirecting(hops: Record<string, string>, status = 301): RequestListener {
  return (request, response) => {
    const location = hops[request.url ?? ''];
    if (location === undefined) return response.end(request.url);
    response.writeHead(status, { location });
    response.end('elsewhere');
  };
}
