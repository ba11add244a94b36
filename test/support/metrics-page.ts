/** The metrics of a site that each test opens as it needs it, as Prometheus asks for them. */
import type { FastifyInstance } from 'fastify';
import { afterEach, expect } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext, type TestOptions } from './context.ts';
import { parseMetrics } from './metrics.ts';

/** What a test opens begins at the same time, and is closed after it. */
export function useMetricsPage() {
  const clock = createClock('2026-11-24T08:00:00Z');
  let test: TestContext;
  let app: FastifyInstance;

  async function open(options: TestOptions = {}): Promise<void> {
    clock.set('2026-11-24T08:00:00Z');
    test = await createTestContext({ now: clock.now, ...options });
    app = await buildApp(test.ctx);
  }

  afterEach(async () => {
    await app.close();
    await test.close();
  });

  const ask = (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    app.inject({ url: '/metrics', headers, remoteAddress });

  /** `name` or `name{label="value"}` as it is written. */
  async function figures(): Promise<Record<string, number>> {
    const answer = await ask();
    expect(answer.statusCode).toBe(200);
    return Object.fromEntries(
      parseMetrics(answer.body).map(({ name, labels, value }) => [
        [name, ...Object.values(labels)].join(' '),
        value,
      ]),
    );
  }

  return {
    get test() {
      return test;
    },
    get app() {
      return app;
    },
    clock,
    open,
    ask,
    figures,
  };
}
