/** The figures behind /metrics: sources, queues, mail, who left, and the process. Numbers and names of sources, nothing of any reader. */
import { findMailboxStanding } from '../bounce-mailbox.ts';
import type { Context } from '../context.ts';
import { getDeliveryFigures } from '../deliveries/delivery-figures.ts';
import { jobSchemas, type QueueName } from '../jobs.ts';
import { isRunning, listSourceStandings } from '../papers/source-standing.ts';
import { countLeaveReasons } from '../subscribers/leave-reason.ts';
import { within } from '../within.ts';
import { keepFor } from './keep-for.ts';
import type { Metric } from './metrics-text.ts';

/** Prometheus gives up after 10 s; a part that takes longer than this is left out, and said to be. */
const PATIENCE_MS = 2000;
/** Counting those who left reads all readers, and they are few a day. */
const READERS_EVERY_MS = 60_000;

type Part = 'sources' | 'queues' | 'deliveries' | 'mailbox' | 'readers';

/**
 * Reads all parts at once, each within 2 s. A part that does not answer is missing from the answer and is 0 in
 * `paperboy_metrics_part_up`; while it hangs it is not asked again, so that readings don't pile up on a busy database.
 */
export function createMetricsReader(ctx: Context): () => Promise<Metric[]> {
  const parts: Record<Part, () => Promise<Metric[]>> = {
    sources: oneAtATime(() => readSources(ctx)),
    queues: oneAtATime(() => readQueues(ctx)),
    deliveries: oneAtATime(() => readDeliveries(ctx)),
    mailbox: oneAtATime(() => readMailbox(ctx)),
    readers: oneAtATime(keepFor(READERS_EVERY_MS, ctx.now, () => readReaders(ctx))),
  };
  return async () => {
    const answers = await Promise.all(
      Object.entries(parts).map(async ([part, ask]) => {
        const metrics = await within(PATIENCE_MS, ask()).catch((error: Error) => {
          ctx.log.warn({ event: 'metrics.part_missing', part, error: error.message });
          return null;
        });
        return { part, metrics };
      }),
    );
    return [
      {
        name: 'paperboy_metrics_part_up',
        help: 'Whether this part of the figures could be read in time; where it is 0 they are missing.',
        type: 'gauge',
        values: answers.map(({ part, metrics }) => ({ labels: { part }, value: metrics ? 1 : 0 })),
      },
      ...answers.flatMap(({ metrics }) => metrics ?? []),
    ];
  };
}

async function readSources(ctx: Context): Promise<Metric[]> {
  const standings = await listSourceStandings(ctx);
  const now = ctx.now();
  const metric = (
    type: Metric['type'],
    name: string,
    help: string,
    figureOf: (standing: (typeof standings)[number]) => number | null,
  ): Metric => ({
    name: `paperboy_source_${name}`,
    help,
    type,
    values: standings.map((standing) => ({ labels: { source: standing.name }, value: figureOf(standing) })),
  });
  return [
    metric('gauge', 'interval_seconds', 'How often the source is read.', ({ everyMs }) => everyMs / 1000),
    metric('gauge', 'last_run_timestamp_seconds', 'When its last run began, in Unix time.', ({ state }) =>
      unixTime(state?.lastRunAt),
    ),
    metric(
      'gauge',
      'last_ok_timestamp_seconds',
      'When it was last read to the end, in Unix time.',
      ({ state }) => unixTime(state?.lastOkAt),
    ),
    metric('gauge', 'failing', '1 while its last run failed.', ({ state }) => (state?.failingSince ? 1 : 0)),
    metric(
      'gauge',
      'failing_since_timestamp_seconds',
      'Since when each run failed, in Unix time.',
      ({ state }) => unixTime(state?.failingSince),
    ),
    metric('gauge', 'running', '1 while a process is reading it.', ({ state }) =>
      isRunning(state, now) ? 1 : 0,
    ),
    metric('counter', 'runs_total', 'Runs that have begun.', ({ state }) => state?.runs ?? 0),
    metric('counter', 'seen_total', 'Records that it gave.', ({ state }) => state?.seen ?? 0),
    metric('counter', 'new_total', 'Papers that were not known before.', ({ state }) => state?.inserted ?? 0),
    metric('counter', 'updated_total', 'Papers that it changed.', ({ state }) => state?.updated ?? 0),
    metric(
      'counter',
      'merged_total',
      'Papers that it showed to be one with another.',
      ({ state }) => state?.merged ?? 0,
    ),
    // The reasons are free text, for `paperboy sources`; as labels they would grow without limit.
    metric('counter', 'skipped_total', 'Records that could not be read.', ({ state }) => state?.skipped ?? 0),
  ];
}

async function readQueues({ queues }: Context): Promise<Metric[]> {
  const names = Object.keys(jobSchemas) as QueueName[];
  const counts = await Promise.all(
    names.map(async (queue) => ({ queue, counts: await queues.countJobs(queue) })),
  );
  return [
    {
      name: 'paperboy_queue_jobs',
      help: 'Jobs by queue and state; delayed ones wait for a retry or for the next round of a schedule.',
      type: 'gauge',
      values: counts.flatMap(({ queue, counts }) =>
        Object.entries(counts).map(([state, value]) => ({ labels: { queue, state }, value })),
      ),
    },
  ];
}

async function readDeliveries(ctx: Context): Promise<Metric[]> {
  const { counts, lateSeconds, bounces, paused, slowDomains } = await getDeliveryFigures(ctx);
  const byStatus = (...statuses: (keyof typeof counts)[]) =>
    statuses.map((status) => ({ labels: { status }, value: counts[status] }));
  return [
    {
      name: 'paperboy_deliveries',
      help: 'Mails that are not done yet, by status.',
      type: 'gauge',
      values: byStatus('pending', 'sending'),
    },
    {
      name: 'paperboy_deliveries_last_hour',
      help: 'Mails that were done with in the last hour, by status; sent means taken by the mail server.',
      type: 'gauge',
      values: byStatus('sent', 'failed', 'skipped'),
    },
    {
      name: 'paperboy_delivery_late_seconds',
      help: 'How long the mail that has waited longest is overdue.',
      type: 'gauge',
      values: [{ value: lateSeconds }],
    },
    {
      name: 'paperboy_bounces_last_day',
      help: 'Mails that came back in the last day, by kind, however that was told.',
      type: 'gauge',
      values: Object.entries(bounces).map(([kind, value]) => ({ labels: { kind }, value })),
    },
    {
      name: 'paperboy_sending_paused',
      help: '1 while digests are held back, by the guard or by the operator.',
      type: 'gauge',
      values: [{ value: paused ? 1 : 0 }],
    },
    {
      name: 'paperboy_slow_domains',
      help: 'Receiving domains that get their mail slowly, as they asked for patience.',
      type: 'gauge',
      values: [{ value: slowDomains }],
    },
  ];
}

async function readMailbox(ctx: Context): Promise<Metric[]> {
  const state = await findMailboxStanding(ctx);
  if (!state) return [];
  const metric = (type: Metric['type'], name: string, help: string, value: number | null): Metric => ({
    name: `paperboy_bounce_mailbox_${name}`,
    help,
    type,
    values: [{ value }],
  });
  return [
    metric(
      'gauge',
      'failing',
      '1 while the mailbox for bounces can not be read.',
      state.failingSince ? 1 : 0,
    ),
    metric(
      'gauge',
      'last_ok_timestamp_seconds',
      'When it was last read, in Unix time.',
      unixTime(state.lastOkAt),
    ),
    metric('counter', 'messages_total', 'Messages that were read in it.', state.seen),
    metric('counter', 'unreadable_total', 'Messages in it that could not be read.', state.skipped),
  ];
}

async function readReaders(ctx: Context): Promise<Metric[]> {
  const reasons = await countLeaveReasons(ctx);
  return [
    {
      name: 'paperboy_unsubscribed_readers',
      help: 'Readers who left and have not come back, by the reason they gave.',
      type: 'gauge',
      values: Object.entries(reasons).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ];
}

const unixTime = (date: Date | null | undefined) => (date ? date.getTime() / 1000 : null);

/** Whoever asks while an answer is under way gets that one. */
function oneAtATime<T>(ask: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | null = null;
  return () => {
    current ??= ask().finally(() => {
      current = null;
    });
    return current;
  };
}
