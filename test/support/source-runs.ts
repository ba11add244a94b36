/** Hugging Face and arXiv as one upstream server plays them, a database for their papers, and what is stored of their runs. */
import { afterEach, beforeEach } from 'vitest';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext } from './context.ts';
import { startUpstream, type Upstream } from './upstream-server.ts';

const START = '2026-11-24T08:00:00Z';

/** A server and a database for each test of a file; each begins at the same time. */
export function useSourceRuns() {
  const clock = createClock(START);
  const closers: (() => unknown)[] = [];
  let test: TestContext;
  let upstream: Upstream;

  beforeEach(async () => {
    clock.set(START);
    upstream = await startUpstream();
    test = await createTestContext({
      now: clock.now,
      env: { HF_BASE_URL: upstream.url, ARXIV_BASE_URL: upstream.url },
    });
  });

  afterEach(async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
    await test.close();
    await upstream.close();
  });

  return {
    get test() {
      return test;
    },
    get upstream() {
      return upstream;
    },
    clock,
    /** Called after the test, the last one first. */
    closers,
    state: async (name: string) => (await test.sql`select * from source_states where name = ${name}`)[0],
  };
}
