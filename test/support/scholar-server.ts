/** A loopback server that looks up papers by id as Semantic Scholar does, refusals included. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScholarRequest {
  ids: string[];
  key: string | undefined;
  fields: string;
}

export interface ScholarServer {
  url: string;
  requests: ScholarRequest[];
  /** What it knows, by the id that is asked for. */
  records: Map<string, unknown>;
  /** The next request gets this in place of an answer; `cut` breaks the connection. */
  failNext: (failure: { status: number; retryAfter?: string } | 'cut') => void;
  close: () => Promise<void>;
}

const MAX_IDS = 500;

export async function startScholar(): Promise<ScholarServer> {
  const requests: ScholarRequest[] = [];
  const records = new Map<string, unknown>();
  const failures: Parameters<ScholarServer['failNext']>[0][] = [];

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const send = (status: number, body: unknown, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || pathname !== '/graph/v1/paper/batch') return send(404, {});
    const { ids } = JSON.parse(Buffer.concat(chunks).toString()) as { ids: string[] };
    const key = request.headers['x-api-key'];
    requests.push({
      ids,
      key: typeof key === 'string' ? key : undefined,
      fields: searchParams.get('fields') ?? '',
    });
    const failure = failures.shift();
    if (failure === 'cut') return response.destroy();
    if (failure) return send(failure.status, { message: 'no' }, { 'retry-after': failure.retryAfter ?? '0' });
    if (ids.length > MAX_IDS) return send(400, { error: `Too many ids: ${ids.length}` });
    const found = ids.map((id) => records.get(id) ?? null);
    if (found.every((record) => record === null)) return send(400, { error: 'No valid paper ids given' });
    send(200, found);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    records,
    failNext: (failure) => void failures.push(failure),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
