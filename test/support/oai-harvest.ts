/** Harvests of an OAI-PMH archive on loopback, which a test fills and whose answers it may replace. */
import { afterEach } from 'vitest';
import { type ArxivOaiOptions, readArxivOai } from '../../src/papers/sources/arxiv-oai.ts';
import type { SourceContext, SourcePage } from '../../src/papers/sources/source.ts';
import { oaiError } from './oai-archive.ts';
import { pagesOf } from './source-pages.ts';
import { useUpstream } from './sources.ts';
import type { Upstream } from './upstream-server.ts';

export interface OaiHarvest {
  readonly server: Upstream;
  /** Answers whatever a test does not answer itself; by default it has no records. */
  archive: (params: URLSearchParams) => string;
  ctx: SourceContext;
  /** The pauses of this test's harvests in milliseconds; none is really made. */
  waits: number[];
  read(options?: Partial<ArxivOaiOptions>): AsyncIterable<SourcePage>;
  /** The first page of a harvest that is answered with this. */
  onlyPage(xml: string): Promise<SourcePage>;
}

/** A server for all tests of a file; what a test asked and how it was answered is forgotten after it. */
export function useOaiHarvest(): OaiHarvest {
  let server: Upstream | undefined;
  const nothing = () => oaiError('noRecordsMatch');
  const { ctx, waits } = useUpstream({ fallbackOai: (params) => harvest.archive(params) }, (started) => {
    server = started;
  });
  const harvest: OaiHarvest = {
    get server() {
      if (!server) throw new Error('The archive has not started yet.');
      return server;
    },
    archive: nothing,
    ctx,
    waits,
    read: (options = {}) =>
      readArxivOai(harvest.ctx, { baseUrl: harvest.server.oaiUrl, sets: [], pauseMs: 3_000, ...options }),
    async onlyPage(xml) {
      harvest.server.answerNext(xml);
      const [page] = await pagesOf(harvest.read(), 1);
      if (!page) throw new Error('no page');
      return page;
    },
  };
  afterEach(() => {
    harvest.archive = nothing;
  });
  return harvest;
}

export const idsOf = (pages: SourcePage[]) =>
  pages.flatMap(({ papers, skipped }) => [...papers, ...skipped].map(({ externalId }) => externalId));
