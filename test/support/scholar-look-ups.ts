/** Semantic Scholar as the one source: a server that a test fills, and the look-ups of papers that are stored. */
import { afterEach, beforeEach } from 'vitest';
import { type IngestOptions, ingestSource } from '../../src/papers/ingest.ts';
import { listLiveSources } from '../../src/papers/sources.ts';
import { createClock } from './clock.ts';
import { createTestContext, type TestContext } from './context.ts';
import { type ScholarServer, startScholar } from './scholar-server.ts';

const START = '2026-11-24T08:00:00Z';
const DAY_MS = 24 * 3600_000;

/** A server and a database for each test of a file; each begins at the same time. */
export function useScholarLookUps() {
  const clock = createClock(START);
  let scholar: ScholarServer;
  let test: TestContext;

  beforeEach(async () => {
    clock.set(START);
    scholar = await startScholar();
    test = await createTestContext({
      now: clock.now,
      env: { SOURCES: 'semantic-scholar', SEMANTIC_SCHOLAR_URL: scholar.url },
    });
  });

  afterEach(async () => {
    await test.close();
    await scholar.close();
  });

  function source() {
    const [found] = listLiveSources(test.ctx.config);
    if (!found) throw new Error('no source');
    return found;
  }

  return {
    get scholar() {
      return scholar;
    },
    get test() {
      return test;
    },
    clock,
    daysAgo: (days: number) => new Date(clock.now().getTime() - days * DAY_MS),
    lookUp: (options: IngestOptions = {}) => ingestSource(test.ctx, source(), options),
  };
}
