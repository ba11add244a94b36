/**
 * A client that asks a server as often as it answers, or as often as it is told, in a process of its own: what it costs
 * must not be taken for the server's. Keeps its connections, as a proxy in front of a server does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';

export interface Load {
  port: number;
  method: 'GET' | 'POST';
  /** In turn; `{n}` becomes a number that no other request has. */
  asked: { path: string; body?: string }[];
  headers: Record<string, string>;
  seconds: number;
  /** As many requests under way at a time; the next one follows an answer. */
  connections: number;
  /** Or this many a second, whether or not answers come. */
  rate: number | null;
}

export interface LoadResult {
  perSecond: number;
  /** From the moment that a request was due, so that waiting counts. */
  p50: number;
  p99: number;
  /** Answers that are neither a page nor a redirect. */
  failed: number;
  /** Of an answer, the mean. */
  bytes: number;
}

export interface LoadProcess {
  run(load: Load): Promise<LoadResult>;
  close(): void;
}

export function startLoadProcess(): LoadProcess {
  const child: ChildProcess = fork(import.meta.filename, { execArgv: ['--import', 'tsx'] });
  return {
    async run(load) {
      child.send(load);
      const [result] = await once(child, 'message');
      return result;
    },
    close: () => child.disconnect(),
  };
}

let sent = 0;

async function measure(load: Load): Promise<LoadResult> {
  // As many as a browser crowd would share through a proxy; what waits for one of them counts as waiting.
  const agent = new Agent({
    keepAlive: true,
    maxSockets: load.rate ? load.connections * 5 : load.connections,
  });
  const times: number[] = [];
  let failed = 0;
  let bytes = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + load.seconds * 1000;
  const ask = async (dueAt: number) => {
    const answer = await send(load, agent);
    times.push(performance.now() - dueAt);
    bytes += answer.bytes;
    if (answer.status >= 400) failed++;
  };
  if (load.rate) await atRate(load.rate, startedAt, endsAt, ask);
  else await Promise.all(Array.from({ length: load.connections }, () => inARow(endsAt, ask)));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return {
    perSecond: times.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    failed,
    bytes: bytes / times.length,
  };
}

async function inARow(endsAt: number, ask: (dueAt: number) => Promise<void>): Promise<void> {
  while (performance.now() < endsAt) await ask(performance.now());
}

async function atRate(
  rate: number,
  startedAt: number,
  endsAt: number,
  ask: (dueAt: number) => Promise<void>,
): Promise<void> {
  // Those that were answered are forgotten, as a run asks tens of thousands of times.
  const underWay = new Set<Promise<void>>();
  for (let asked = 0; performance.now() < endsAt; ) {
    const due = ((performance.now() - startedAt) / 1000) * rate;
    for (; asked < due; asked++) {
      const asking = ask(startedAt + (asked / rate) * 1000);
      underWay.add(asking);
      asking.finally(() => underWay.delete(asking)).catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(underWay);
}

async function send(
  { port, method, asked, headers }: Load,
  agent: Agent,
): Promise<{ status: number; bytes: number }> {
  const n = sent++;
  const { path, body } = asked[n % asked.length] ?? { path: '/' };
  const numbered = (text: string) => text.replaceAll('{n}', String(n));
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path: numbered(path),
    agent,
    // From many places, as limits are for each network address.
    headers: { ...headers, 'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` },
  });
  outgoing.end(body === undefined ? undefined : numbered(body));
  const [response] = await once(outgoing, 'response');
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(response, 'end');
  return { status: response.statusCode, bytes };
}

if (process.argv[1] === import.meta.filename) {
  process.on('message', async (load: Load) => process.send?.(await measure(load)));
  // Before the first one comes, so that one process serves all.
  process.on('disconnect', () => process.exit());
}
