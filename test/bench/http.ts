/**
 * `npm run bench:http`: how many requests a second the real server takes, with many papers and readers stored, beside a bare
 * Fastify that does one comparable statement for each, in the same run; and how long answers take at half of that load.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { showProgress } from '../../src/commands/progress.ts';
import { projectRoot } from '../../src/project-root.ts';
import { seedTopics } from '../../src/subscribers/seed-topics.ts';
import { freePort } from '../support/free-port.ts';
import { fill, READERS } from './fill.ts';
import { type Load, type LoadResult, startLoadProcess } from './load.ts';
import { arxivIdOf } from './made-papers.ts';
import { openScratch } from './scratch.ts';

const { values: options } = parseArgs({
  options: {
    papers: { type: 'string', default: '100000' },
    subscribers: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    'cpu-prof': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const papers = Number(options.papers);
const subscribers = Number(options.subscribers);
if (options.help || !(papers > 0 && subscribers >= READERS)) {
  console.log(`npm run bench:http [-- --papers 100000] [--subscribers 100000] [--seconds 5] [--connections 10] [--rounds 3]

  --only NAME      one route: landing, topic, search, paper, preview, subscribe
  --cpu-prof DIR   writes a profile of the server there
  Each round measures both servers at full load, one after the other; the median counts. The machine is shared by the
  servers, Postgres and the client, so it is the ratios that say something.
  TEST_DATABASE_URL names a Postgres to use instead of an embedded one.`);
  process.exit(options.help ? 0 : 1);
}
/** As every browser asks. */
const BROWSER = { 'accept-encoding': 'gzip, deflate, br' };
const FORM = {
  ...BROWSER,
  'content-type': 'application/x-www-form-urlencoded',
};
const numbers = Array.from({ length: 500 }, (_, at) => 1 + ((at * 7919) % papers));

interface Route {
  name: string;
  load: Pick<Load, 'method' | 'asked' | 'headers'>;
  /** Whether the bare server has something to compare it with. */
  comparable: boolean;
}

const get = (name: string, paths: string[]): Route => ({
  name,
  load: { method: 'GET', asked: paths.map((path) => ({ path })), headers: BROWSER },
  comparable: true,
});

const routes: Route[] = [
  get('landing', ['/']),
  get('topic', ['/topics/cs-cl', '/topics/cs-lg']),
  get(
    'search, words of one paper',
    numbers.map((number) => `/search?q=${number}th+way`),
  ),
  get('search, words of all papers', ['/search?q=larger+models', '/search?q=train+something']),
  get(
    'paper',
    numbers.map((number) => `/papers/${arxivIdOf(number)}`),
  ),
  {
    name: 'preview',
    load: {
      method: 'POST',
      asked: ['model', 'something', 'larger models', 'ways to train'].map((words) => ({
        path: '/preview',
        body: `topics=cs-cl&topics=cs-lg&keywords=${words.replaceAll(' ', '+')}`,
      })),
      headers: { ...FORM, 'x-part': 'preview' },
    },
    comparable: false,
  },
  {
    name: 'subscribe',
    load: {
      method: 'POST',
      asked: [
        { path: '/subscribe', body: `email=${process.pid}-{n}@example.org&topics=cs-cl&keywords=model` },
      ],
      headers: FORM,
    },
    comparable: true,
  },
];

const scratch = await openScratch();
const client = startLoadProcess();
const processes: ChildProcess[] = [];
try {
  await fillIn();
  const ours = await startServer(join(projectRoot, 'src', 'server.ts'), options['cpu-prof']);
  const bare = await startServer(join(import.meta.dirname, 'bare-server.ts'));
  const wanted = routes.filter(({ name }) => name.startsWith(options.only ?? ''));
  const progress = showProgress('measuring', wanted.length);
  const rows: Record<string, string>[] = [];
  for (const route of wanted) {
    rows.push(await measure(route, ours, bare));
    progress.update(rows.length);
  }
  progress.stop();
  console.table(rows);
} finally {
  client.close();
  for (const child of processes) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  await scratch.remove();
}

async function measure(
  { name, load, comparable }: Route,
  ours: number,
  bare: number,
): Promise<Record<string, string>> {
  const run = (port: number, rate: number | null, seconds = Number(options.seconds)) =>
    client.run({ ...load, port, seconds, connections: Number(options.connections), rate });
  const atFull: { ours: LoadResult[]; bare: LoadResult[] } = { ours: [], bare: [] };
  // Code that is not compiled yet, and pages that are kept for a while, are not what is measured.
  await run(ours, null, 2);
  if (comparable) await run(bare, null, 2);
  for (let round = 0; round < Number(options.rounds); round++) {
    atFull.ours.push(await run(ours, null));
    if (comparable) atFull.bare.push(await run(bare, null));
  }
  const most = median(atFull.ours.map(({ perSecond }) => perSecond));
  const bareMost = median(atFull.bare.map(({ perSecond }) => perSecond));
  const atHalf: LoadResult[] = [];
  // As often, so that it tells what the machine and the client add to the time of an answer.
  const bareAsOften: LoadResult[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    atHalf.push(await run(ours, most / 2));
    if (comparable) bareAsOften.push(await run(bare, Math.min(most, bareMost) / 2));
  }
  const failed = [...atFull.ours, ...atFull.bare, ...atHalf, ...bareAsOften].reduce(
    (sum, each) => sum + each.failed,
    0,
  );
  return {
    route: name,
    'requests/s': most.toFixed(0),
    'bare requests/s': comparable ? bareMost.toFixed(0) : '',
    ratio: comparable ? (most / bareMost).toFixed(2) : '',
    'p50 ms at half': median(atHalf.map(({ p50 }) => p50)).toFixed(1),
    'p99 ms at half': median(atHalf.map(({ p99 }) => p99)).toFixed(1),
    'bare p99': comparable ? median(bareAsOften.map(({ p99 }) => p99)).toFixed(1) : '',
    kB: (median(atHalf.map(({ bytes }) => bytes)) / 1000).toFixed(1),
    failed: String(failed),
  };
}

async function fillIn(): Promise<void> {
  await seedTopics(scratch.ctx);
  const progress = showProgress(`filling in ${papers} papers`, papers);
  await fill(scratch.sql, papers, scratch.ctx.now(), (done) => progress.update(done));
  progress.stop();
  await fillSubscribers(scratch.sql, subscribers - READERS, scratch.ctx.now());
}

/** On top of those who are there. */
async function fillSubscribers(sql: postgres.Sql, count: number, now: Date): Promise<void> {
  await sql`
    insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at, confirmed_at)
    select e, e, md5(e), 'active', 'daily', '{0,1,2,3,4,5,6}', 8, 'UTC', ${now}, ${now}
    from (select 'reader' || n || '@example' || n % 500 || '.org' as e from generate_series(1, ${count}::int) n) made`;
  await sql`insert into profiles (subscriber_id, keywords) select id, '{diffusion,robot hands}' from subscribers`;
  await sql`
    insert into profile_topics (subscriber_id, topic_id)
    select s.id, t.id from subscribers s join topics t on (t.id + s.id) % 60 = 0`;
  await sql`vacuum analyze subscribers, profiles, profile_topics`;
}

/** The port on which it listens. */
async function startServer(file: string, profiles?: string): Promise<number> {
  const port = await freePort();
  const flags = profiles ? ['--cpu-prof', '--cpu-prof-dir', profiles] : [];
  const child = spawn(process.execPath, [...flags, '--import', 'tsx', file], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      DATABASE_URL: scratch.url,
      DATA_DIR: scratch.folder,
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      SMTP_URL: 'smtp://127.0.0.1:1',
      TRUST_PROXY: 'true',
      SUBSCRIBE_LIMIT: '1000000',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  processes.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} did not start`)));
    // Read to the end, as a pipe that is full would stop the server.
    child.stdout.on('data', () => resolve());
  });
  return answers(port);
}

async function answers(port: number): Promise<number> {
  for (;;) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return port;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
