/**
 * `npm run bench:deliver`: mails a second from a row in the database to a server's yes and its record, beside what bounds
 * them on the same machine in the same run: a sender in C, plain nodemailer, the database and the queue alone. Takes
 * Postfix's smtp-sink as receiver where it is installed, a process of our own otherwise.
 *
 * What bounds it is the main thread of each worker, idle for a sixteenth of the time. By a profile of 20,000 mails: a sixth is
 * writing to sockets and the stuffing of dots, a tenth handing mails over to be signed (the RSA operation runs beside it), a
 * tenth the encoding of the text, 6 % each the signatures of links, the hash and header of DKIM, view and templates, and the
 * collection of garbage (a fifth without `WORKER_FLAGS`); the rest is the database's driver and many small things. The
 * first thousands of mails cost up to half as much again, as code is compiled meanwhile: they are sent before it is measured,
 * here and by plain nodemailer. All that is measured in this process has the flags of a worker (`package.json`), too.
 *
 * Long, as all parts share one receiver, one database and one table of results: apart, they would be measured apart.
 */
import { generateKeyPairSync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createTransport } from 'nodemailer';
import { showProgress } from '../../src/commands/progress.ts';
import type { Context } from '../../src/context.ts';
import { claimDeliveries, listTopicNames } from '../../src/deliveries/claims.repo.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { listDigestContents } from '../../src/deliveries/digest-content.repo.ts';
import { writeMail } from '../../src/deliveries/write-mail.ts';
import { enqueueSends } from '../../src/hints.ts';
import type { MailMessage } from '../../src/mail/message.ts';
import { buildWireMessage } from '../../src/mail/mime.ts';
import { openQueues } from '../../src/queues.ts';
import { seedTopics } from '../../src/subscribers/seed-topics.ts';
import { type Answer, startHostileReceiver } from '../support/hostile-receiver.ts';
import { DOMAINS, fillDeliveries, fillDigestPapers } from './fill-deliveries.ts';
import { sendWithoutNode, startReceiver } from './receiver.ts';
import { openScratch } from './scratch.ts';
import { startWorkerProcesses, type WorkerProcesses } from './worker-processes.ts';

const cores = availableParallelism();
const { values: options } = parseArgs({
  options: {
    mails: { type: 'string', default: '10000' },
    workers: { type: 'string', default: String(cores) },
    redis: { type: 'string' },
    growth: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(`npm run bench:deliver -- [--mails 10000] [--workers ${cores}] [--redis URL] [--growth]

  --growth   1,000, 10,000 and 100,000 readers one after the other (some minutes)
  TEST_DATABASE_URL names a Postgres to use instead of an embedded one.`);
  process.exit(0);
}
const mails = Number(options.mails);
const workers = Number(options.workers);
/** As many as one worker process opens. */
const CONNECTIONS = 10;
const SENDER = 'Paperboy <digest@example.org>';
const BASELINE_MAILS = 3000;
/** Sent before anything is measured: code is compiled meanwhile, which belongs to a process and not to a mail. */
const WARM_UP_MAILS = 4000;
/** Of `DOMAINS`. */
const HOSTILE_DOMAINS = 100;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const rows: Record<string, string>[] = [];
const report = (what: string, count: number, ms: number, more: Record<string, string> = {}) =>
  rows.push({
    what,
    count: String(count),
    'ms each': (ms / count).toFixed(3),
    'per second': String(Math.round((count / ms) * 1000)),
    ...more,
  });

const receiver = await startReceiver();
const scratch = await openScratch();
const { sql } = scratch;
const queues = options.redis
  ? await openQueues({ redisUrl: options.redis, databaseUrl: scratch.url, log: scratch.ctx.log })
  : null;
const ctx: Context = { ...scratch.ctx, queues: queues ?? scratch.ctx.queues };
try {
  await seedTopics(ctx);
  await fillDigestPapers(ctx);
  await fillDeliveries(sql, BASELINE_MAILS, ctx.now());
  const message = await measureWriting();
  const bytes = sizeOf(message);
  console.log(
    `${mails} mails of ${Math.round(bytes / 1000)} KB, 10 papers each, to ${receiver.what}; ${workers} worker processes on ${cores} cores, queue on ${ctx.queues.backend}.`,
  );
  const limitMs = await sendWithoutNode(receiver.port, BASELINE_MAILS * 2, bytes);
  if (limitMs !== null) report('limit: smtp-source, unsigned', BASELINE_MAILS * 2, limitMs);
  await measurePlain('plain nodemailer, unsigned', message, false);
  const plainMs = await measurePlain('plain nodemailer, signed', message, true);
  await measureOverhead();
  const counts = options.growth ? [1000, 10_000, 100_000] : [mails];
  for (const count of counts) {
    const eachMs = await measureWorkers(count);
    const last = rows.at(-1);
    if (last) last['of plain, signed'] = (plainMs / eachMs).toFixed(2);
  }
  await measureHostile();
  console.table(rows);
} finally {
  await queues?.close();
  await scratch.remove();
  await receiver.close();
}

/** The writing alone, of a mail and of its bytes. Returns the mail that the others send. */
async function measureWriting(): Promise<MailMessage> {
  const ids = Array.from({ length: 200 }, (_, at) => at + 1);
  const parts = { digests: await listDigestContents(ctx.db, ids), topicNames: await listTopicNames(ctx.db) };
  const claims = await claimDeliveries(ctx.db, ids, ctx.now());
  const rounds = 10;
  let written: MailMessage | null = null;
  const measure = (what: string, run: (message: MailMessage) => unknown) => {
    const startedAt = performance.now();
    for (let round = 0; round < rounds; round++) {
      for (const claim of claims) {
        written = writeMail(ctx, claim, parts, ctx.now());
        run(written);
      }
    }
    return { what, count: claims.length * rounds, ms: performance.now() - startedAt };
  };
  measure('', buildWireMessage);
  const render = measure('render alone', () => {});
  const whole = measure('render and encode', buildWireMessage);
  for (const { what, count, ms } of [render, whole]) report(what, count, ms);
  if (!written) throw new Error('nothing was written');
  return written;
}

function sizeOf(message: MailMessage): number {
  const { headers, body } = buildWireMessage(message);
  return headers.join('\r\n').length + body.length;
}

async function measurePlain(what: string, { text, html }: MailMessage, signed: boolean): Promise<number> {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    host: '127.0.0.1',
    port: receiver.port,
    ...(signed ? { dkim: { domainName: 'example.org', keySelector: 'k1', privateKey: dkimKey } } : {}),
  });
  const send = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        transport.sendMail({ from: SENDER, to: `r${at}@example.org`, subject: 'Baseline', text, html }),
      ),
    );
  await send(WARM_UP_MAILS);
  const startedAt = performance.now();
  await send(BASELINE_MAILS);
  const ms = performance.now() - startedAt;
  transport.close();
  report(what, BASELINE_MAILS, ms);
  return ms / BASELINE_MAILS;
}

/** Claims, what mails are written from, and records: all but signing links, filling templates and sending, in one process. */
async function measureOverhead(): Promise<void> {
  const ids = Array.from({ length: WARM_UP_MAILS + mails }, (_, at) => at + 1);
  await fillDeliveries(sql, ids.length, ctx.now());
  const nothing = { html: '', text: '' };
  // Some 25 signatures a mail would be most of what is measured.
  const unsigned = { ...ctx.links, url: () => SENDER, proof: () => '' };
  const silent: Context = {
    ...ctx,
    mailer: { send: async () => ({ answer: '250 ok' }), findOutage: () => null, close() {} },
    links: unsigned,
    templates: { ...ctx.templates, digest: () => nothing },
  };
  const worker = ctx.queues.startWorker(
    'send',
    ({ deliveryIds }) => deliver(silent, deliveryIds).then(() => {}),
    {
      concurrency: 2,
      onError: (error) => console.error(error.message),
    },
  );
  await enqueueSends(ctx, ids.slice(0, WARM_UP_MAILS), 'bulk');
  await allSent(WARM_UP_MAILS, 'warming up');
  const startedAt = performance.now();
  await enqueueSends(ctx, ids.slice(WARM_UP_MAILS), 'bulk');
  await allSent(ids.length, 'database and queue alone');
  report('database and queue alone, one process', mails, performance.now() - startedAt);
  await worker.close();
}

async function measureWorkers(count: number): Promise<number> {
  const ids = Array.from({ length: WARM_UP_MAILS + count }, (_, at) => at + 1);
  await fillDeliveries(sql, ids.length, ctx.now());
  const processes = await startWorkers(`smtp://127.0.0.1:${receiver.port}`);
  await enqueueSends(ctx, ids.slice(0, WARM_UP_MAILS), 'bulk');
  await allSent(WARM_UP_MAILS, 'warming up');
  const startedAt = performance.now();
  await enqueueSends(ctx, ids.slice(WARM_UP_MAILS), 'bulk');
  await allSent(ids.length, `${count} mails`);
  const ms = performance.now() - startedAt;
  const peak = processes.peakMb();
  report(`claim, write, sign, send, record`, count, ms, {
    'MB a worker': peak === null ? '?' : String(peak),
  });
  await processes.close();
  return ms / count;
}

/** Mails to domains that behave, beside a fifth to domains that do not, and beside the same ones on a better day. */
async function measureHostile(): Promise<void> {
  const perMs: number[] = [];
  for (const hostile of [false, true]) {
    await fillDeliveries(sql, mails, ctx.now());
    const moody = await startHostileReceiver((recipient, attempt) =>
      hostile ? answerOf(recipient, attempt) : { at: 'take' },
    );
    const processes = await startWorkers(moody.url);
    const wanted = Array.from({ length: mails }, (_, at) => at + 1);
    const behaved = wanted.filter((id) => id % DOMAINS >= HOSTILE_DOMAINS).length;
    const startedAt = performance.now();
    await enqueueSends(ctx, wanted, 'bulk');
    const what = hostile ? 'beside hostile domains' : 'beside good domains';
    const bar = showProgress(what, behaved);
    for (;;) {
      const done = new Set(moody.taken.filter((recipient) => domainOf(recipient) >= HOSTILE_DOMAINS)).size;
      bar.update(done);
      if (done >= behaved) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    bar.stop();
    const ms = performance.now() - startedAt;
    perMs.push(behaved / ms);
    const [alone = 1, now = 1] = perMs;
    report(what, behaved, ms, hostile ? { 'of beside good': (now / alone).toFixed(2) } : {});
    await processes.close();
    await moody.close();
  }
}

function domainOf(recipient: string): number {
  return Number(/@example(\d+)\./.exec(recipient)?.[1]);
}

/** Of hostile domains: one stalls, some hang up or drop a mail that they have in hand, the others defer and refuse. */
function answerOf(recipient: string, attempt: number): Answer {
  const domain = domainOf(recipient);
  const reader = Number(/^reader(\d+)@/.exec(recipient)?.[1]);
  if (domain >= HOSTILE_DOMAINS) return { at: 'take' };
  if (domain === 0) return { at: 'rcpt', stall: true };
  const nth = Math.floor(reader / DOMAINS);
  if (nth % 50 === 7) return { at: 'rcpt', reply: '550 5.1.1 user unknown' };
  if (attempt > 1 || nth % 10 > 4) return { at: 'take' };
  if (nth % 10 < 3) return { at: 'data', reply: '451 4.7.1 try again in 5 minutes' };
  return { at: nth % 10 === 3 ? 'rcpt' : 'data', hangUp: true };
}

function startWorkers(smtpUrl: string): Promise<WorkerProcesses> {
  return startWorkerProcesses(workers, {
    DATABASE_URL: scratch.url,
    DATA_DIR: scratch.folder,
    SMTP_URL: smtpUrl,
    MAIL_FROM: SENDER,
    DKIM_PRIVATE_KEY: dkimKey,
    LOG_LEVEL: 'error',
    // No source is to be read meanwhile.
    HF_BASE_URL: 'http://127.0.0.1:1',
    ARXIV_BASE_URL: 'http://127.0.0.1:1',
    ...(options.redis ? { REDIS_URL: options.redis } : {}),
  });
}

async function allSent(count: number, what: string): Promise<void> {
  const bar = showProgress(what, count);
  for (;;) {
    const askedAt = performance.now();
    const [row] = await sql`select count(*)::int as done from deliveries where finished_at is not null`;
    const done = Number(row?.done);
    bar.update(done);
    if (done >= count) break;
    // Often, as a thousand mails take a second, but counting is not to take what is counted its time.
    const tookMs = performance.now() - askedAt;
    await new Promise((resolve) => setTimeout(resolve, tookMs * 30));
  }
  bar.stop();
}
