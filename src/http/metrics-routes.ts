/** /metrics for Prometheus: for whoever has ADMIN_TOKEN, and without one for this machine alone. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { createMetricsReader } from './metrics.ts';
import { formatMetrics, METRICS_CONTENT_TYPE } from './metrics-text.ts';
import { watchProcess } from './process-metrics.ts';
import { fromThisMachine } from './this-machine.ts';

export function registerMetrics(app: FastifyInstance, ctx: Context): void {
  const { adminToken } = ctx.config.http;
  const read = createMetricsReader(ctx);
  const watched = watchProcess();
  app.addHook('onClose', async () => watched.close());

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Figures for Prometheus: sources, queues, mail, and this process.',
        description:
          'With ADMIN_TOKEN set, only for requests with `Authorization: Bearer ADMIN_TOKEN`; else only from this machine.',
        produces: ['text/plain'],
      },
      logLevel: 'warn',
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
      if (adminToken === null && !fromThisMachine(request)) {
        return reply.code(403).send('Set ADMIN_TOKEN to read this from elsewhere.\n');
      }
      if (adminToken !== null && !isBearer(request.headers.authorization, adminToken)) {
        return reply
          .code(401)
          .header('www-authenticate', 'Bearer realm="metrics"')
          .send('This takes the header "Authorization: Bearer" with ADMIN_TOKEN.\n');
      }
      const metrics = [...(await read()), ...watched.read()];
      return reply.type(METRICS_CONTENT_TYPE).send(formatMetrics(metrics));
    },
  );
}

/** Takes as long for a token that is nearly right as for any other. */
function isBearer(header: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
