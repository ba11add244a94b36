/** The real sources as they were recorded, played by a server of the file's own, and what the adapters make of them. */
import { AppError } from '../../src/errors.ts';
import { readArxivOai, readArxivOaiRecord } from '../../src/papers/sources/arxiv-oai.ts';
import type { SourcePage } from '../../src/papers/sources/source.ts';
import { findDataDir, type Recording, readRecordings } from './recordings.ts';
import { useUpstream } from './sources.ts';
import type { Upstream } from './upstream-server.ts';

export interface Outcome {
  papers: SourcePage['papers'];
  skipped: string[];
  total: number | undefined;
  fault: { code: string; retry: boolean; message: string } | null;
}

export const badQuery = { code: 'SOURCE_BAD_QUERY', retry: false };

/** All that an adapter gives, up to its fault if it has one. Anything but an `AppError` is a bug. */
export async function outcomeOf(pages: AsyncIterable<SourcePage>): Promise<Outcome> {
  const outcome: Outcome = { papers: [], skipped: [], total: undefined, fault: null };
  try {
    for await (const page of pages) {
      outcome.papers.push(...page.papers);
      outcome.skipped.push(...page.skipped.map(({ reason }) => reason));
      outcome.total ??= page.total;
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    outcome.fault = { code: error.code, retry: error.retry, message: error.message };
  }
  return outcome;
}

/** A server for all tests of a file; what it was asked and told is forgotten after each. */
export function useRecordedSources() {
  const dataDir = findDataDir();
  const recordings = readRecordings(dataDir);
  let upstream: Upstream;
  const { ctx } = useUpstream({ dataDir }, (started) => {
    upstream = started;
  });
  return {
    get upstream() {
      return upstream;
    },
    ctx,
    dataDir,
    recordings,
    inFolder: (folder: string) => recordings.filter(({ name }) => name.startsWith(`${folder}/`)),
    title: (text: string) => `${text}${dataDir ? '' : ' (skipped: no data)'}`,
    /** Asks an archive that knows this answer, and those that follow it, to whatever question. */
    harvest({ name, body }: Recording): Promise<Outcome> {
      const baseUrl = `${upstream.url}/recorded/${name}`;
      if (!body.includes('<GetRecord>'))
        return outcomeOf(readArxivOai(ctx, { baseUrl, sets: [], pauseMs: 0 }));
      async function* one() {
        yield await readArxivOaiRecord(ctx, { baseUrl, arxivId: '0000.00000' });
      }
      return outcomeOf(one());
    },
  };
}
