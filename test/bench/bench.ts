/**
 * `npm run bench`: what one reader costs, from ranking to a mail the server has taken, beside a plain nodemailer loop
 * that sends the same mail in the same run. Machines differ and are noisy, so it is the ratios that say something.
 */
import { createTransport } from 'nodemailer';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage, forEachDuePage } from '../../src/digests/compose.ts';
import { openEdition } from '../../src/digests/edition.ts';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { rankPapers } from '../../src/ranking/rank.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { seedTopics } from '../../src/subscribers/seed-topics.ts';
import { listTopics } from '../../src/subscribers/topics.repo.ts';
import { startMailSink } from '../support/mail-sink.ts';
import { openScratch } from './scratch.ts';

const READERS = Number(process.argv[2] ?? 2000);

const sink = await startMailSink();
const { ctx, remove } = await openScratch({ smtpUrl: sink.url });
const results: Record<string, string>[] = [];

try {
  await seedTopics(ctx);
  await seedPapers(ctx);
  const topics = (await listTopics(ctx.db)).map(({ slug }) => slug);
  await measure('import', READERS, () => importReaders(topics));

  const at = new Date(ctx.now().getTime() + 9 * 24 * 3600_000);
  const edition = await openEdition(ctx, at);
  const profiles = Array.from({ length: READERS }, (_, reader) => ({
    topics: pick([...edition.topics.values()], reader),
    keywords: ['diffusion', 'robot manipulation'],
    excluded: [],
    authors: [],
    likedPaperIds: [],
    dislikedPaperIds: [],
  }));
  await measure(`rank ${edition.papers.size} papers`, READERS, async () => {
    for (const profile of profiles) rankPapers(edition.index, profile, { now: at, k: 10 });
  });

  const deliveryIds: number[] = [];
  await measure('compose and store', READERS, () =>
    forEachDuePage(ctx, at, async (ids) => {
      deliveryIds.push(...(await composePage(ctx, at, ids)).deliveryIds);
    }),
  );
  await measure('claim, write, send, record', deliveryIds.length, () => deliver(ctx, deliveryIds));
  await measure('baseline: nodemailer alone, same mail', deliveryIds.length, () =>
    sendPlainly(deliveryIds.length),
  );
  console.table(results);
} finally {
  await remove();
  await sink.close();
}

async function measure(what: string, count: number, run: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await run();
  const ms = performance.now() - startedAt;
  results.push({
    what,
    count: String(count),
    'ms each': (ms / count).toFixed(3),
    'per second': String(Math.round((count / ms) * 1000)),
    'memory MB': String(Math.round(process.memoryUsage().rss / 1e6)),
  });
}

async function sendPlainly(count: number): Promise<void> {
  const raw = sink.mails.at(-1)?.raw.toString() ?? '';
  const [, html = ''] = raw.split(/\r\n\r\n(?=<!doctype)/i);
  const transport = createTransport({
    pool: true,
    maxConnections: ctx.config.mail.sendConcurrency,
    maxMessages: Number.POSITIVE_INFINITY,
    host: '127.0.0.1',
    port: Number(new URL(sink.url).port),
  });
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      transport.sendMail({
        from: 'a@example.org',
        to: `r${at}@example.org`,
        subject: 'Baseline',
        text: html,
        html,
      }),
    ),
  );
  transport.close();
}

async function importReaders(topics: readonly string[]): Promise<void> {
  async function* rows() {
    for (let at = 0; at < READERS; at++) {
      yield {
        line: at,
        input: { email: `r${at}@example.org`, topics: pick(topics, at), keywords: ['diffusion'] },
      };
    }
  }
  await importSubscribers(ctx, rows(), { onBad: (_line, sentence) => console.error(sentence), onBatch() {} });
}

/** Three of the list, different ones for every reader. */
function pick<T>(list: readonly T[], reader: number): T[] {
  return [reader * 7, reader * 13 + 1, reader * 29 + 2].flatMap((at) => list[at % list.length] ?? []);
}
