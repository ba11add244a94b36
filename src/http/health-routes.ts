/** Whether the process lives, and whether it can do its work. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { pingDatabase } from '../db/client.ts';
import { findPause } from '../deliveries/guard.ts';
import { listFailingSources } from '../papers/source-standing.ts';
import { within } from '../within.ts';

/** A load balancer asks every few seconds; an answer later than this is a no. */
const PATIENCE_MS = 2000;

export function registerHealth(app: FastifyInstance, ctx: Context): void {
  app.get('/healthz', { schema: { summary: 'The process lives.' }, logLevel: 'warn' }, async () => ({
    status: 'ok',
  }));

  app.get(
    '/readyz',
    { schema: { summary: 'Database and queue answer.' }, logLevel: 'warn' },
    async (_request, reply) => {
      const [database, queue] = await Promise.all([
        answers(pingDatabase(ctx.db)),
        answers(ctx.queues.ping()),
      ]);
      const ready = database && queue;
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return {
        status: ready ? 'ready' : 'not_ready',
        database: ok(database),
        queue: ok(queue),
        // A source that is away is no reason to send readers elsewhere, and every reason to tell the operator; nor is mail
        // that waits.
        ...(ready ? await failingSources(ctx) : {}),
        ...(ready ? await pausedSending(ctx) : {}),
      };
    },
  );
}

/** Left out where the database is too busy to say: it has answered, and that is what was asked. */
async function failingSources(ctx: Context): Promise<{ sources?: Record<string, string> }> {
  return within(PATIENCE_MS, listFailingSources(ctx)).then(
    (sources) => ({ sources }),
    () => ({}),
  );
}

/** Left out while nothing is paused. The words stay with the operator: whoever can reach the site sees this. */
async function pausedSending(ctx: Context): Promise<{ sending?: string }> {
  return within(PATIENCE_MS, findPause(ctx)).then(
    (pause) => (pause ? { sending: `paused since ${pause.at.toISOString()}: ${pause.reason}` } : {}),
    () => ({}),
  );
}

async function answers(ping: Promise<unknown>): Promise<boolean> {
  return within(PATIENCE_MS, ping).then(
    () => true,
    () => false,
  );
}

const ok = (good: boolean) => (good ? 'ok' : 'unreachable');
