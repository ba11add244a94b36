/** How tests read a source: at one time, from an upstream server of the file's own, with waits that are noted and not waited. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { pagesOf } from './source-pages.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream-server.ts';

export const NOW = new Date('2025-07-01T06:00:00Z');

export const papersOf = async (pages: AsyncIterable<SourcePage>) =>
  (await pagesOf(pages)).flatMap(({ papers }) => papers);

/** The server for all tests of a file, which `onStart` gets; what it was asked and told is forgotten after each. */
export function useUpstream(options: UpstreamOptions, onStart: (upstream: Upstream) => void) {
  const waits: number[] = [];
  const ctx: SourceContext = {
    fetch: globalThis.fetch,
    now: () => NOW,
    userAgent: 'Paperboy/1.0 (+https://paperboy.test)',
    sleep: async (ms) => void waits.push(ms),
  };
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await startUpstream(options);
    onStart(upstream);
  });
  afterEach(() => {
    waits.length = 0;
    upstream.reset();
  });
  afterAll(() => upstream.close());
  return { ctx, waits };
}
