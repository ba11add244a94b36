/** Every answer that was recorded of the real sources, over HTTP to the adapter that asks for it: none is forgotten, none fails unseen. */
import { describe, expect, it } from 'vitest';
import { readArxivIds, readArxivQuery } from '../../src/papers/sources/arxiv.ts';
import { readHuggingFaceDays } from '../../src/papers/sources/hugging-face.ts';
import { badQuery, type Outcome, outcomeOf, useRecordedSources } from '../support/recorded-sources.ts';
import type { Recording } from '../support/recordings.ts';

const recorded = useRecordedSources();
const { ctx, dataDir, harvest, inFolder, recordings, title } = recorded;

/** Reads a recorded answer with the adapter that asks for such, by the request that it answered. */
function read(recording: Recording): Promise<Outcome> {
  const { name, params } = recording;
  if (name.startsWith('hf_daily_papers/')) return readDay(name.replace(/.*\/|\.json$/g, ''));
  if (params?.get('id_list')) return readIds(params.get('id_list')?.split(',') ?? []);
  if (params) return search(Number(params.get('start')), Number(params.get('max_results')));
  return harvest(recording);
}

const readDay = (day: string) =>
  outcomeOf(readHuggingFaceDays(ctx, { baseUrl: recorded.upstream.url, from: day, to: day }));

const readIds = (ids: string[]) => outcomeOf(readArxivIds(ctx, { baseUrl: recorded.upstream.url, ids }));

/** A search that goes on at `start`, as after a first page that ended there. */
function search(start: number, pageSize: number): Promise<Outcome> {
  const options = { baseUrl: recorded.upstream.url, query: 'testing', pageSize, pauseMs: 0 };
  const [head = '', ...entries] = longest()
    .body.toString('utf8')
    .split(/(?=<entry>)/);
  if (start > 0) recorded.upstream.answerNext(`${head}${entries.slice(0, start).join('')}</feed>`);
  return outcomeOf(readArxivQuery(ctx, { ...options, maxResults: start + pageSize }));
}

/** The search's first hundred results in one answer. */
function longest(): Recording {
  const found = recordings.find(
    ({ params }) => params?.get('max_results') === '100' && params.get('search_query'),
  );
  if (!found) throw new Error('no such recording');
  return found;
}

/** Three of them broken in shape: records as text, an envelope around them. */
const DAYS: Record<string, number> = {
  '2024-05-27': 13,
  '2024-10-11': 22,
  '2024-12-11': 26,
  '2025-01-09': 13,
  '2025-01-10': 9,
  '2025-03-04': 13,
  '2025-06-13': 26,
};

describe.skipIf(!dataDir)(title('Hugging Face'), () => {
  it.each(Object.entries(DAYS))('gives every paper of %s, whatever its shape', async (day, count) => {
    const { papers, skipped, fault } = await readDay(day);
    expect({ count: papers.length, skipped, fault }).toEqual({ count, skipped: [], fault: null });
    const start = Date.parse(`${day}T00:00:00Z`);
    for (const { authors, abstract, trend } of papers) {
      expect(authors.length).toBeGreaterThan(0);
      expect(abstract.length).toBeGreaterThan(200);
      expect(Math.abs((trend?.listedAt.getTime() ?? 0) - start)).toBeLessThan(24 * 3_600_000);
    }
  });
});

describe.skipIf(!dataDir)(title('the arXiv API'), () => {
  it.each([
    [['quant-ph/0201082v1'], ['quant-ph/0201082']],
    [['astro-ph/0601001'], ['astro-ph/0601001']],
    [['1605.08386'], ['1605.08386']],
    [['1707.08567'], ['1707.08567']],
    [['2104.12255v1'], ['2104.12255']],
    [['0808.05394', '1707.08567'], ['1707.08567']],
    [['0808.05394'], []],
    [['0000.0000'], []],
  ])('gives papers by id, and passes over those that it does not have: %j', async (ids, found) => {
    const { papers, skipped, fault } = await readIds(ids);
    expect({ ids: papers.map(({ externalId }) => externalId), skipped, fault }).toEqual({
      ids: found,
      skipped: [],
      fault: null,
    });
  });

  it('tells in a sentence why it refuses an id', async () => {
    expect((await readIds(['abc'])).fault).toEqual({
      ...badQuery,
      message: 'arXiv rejects the search: incorrect id format for abc.',
    });
  });

  it.each(inFolder('arxiv_atom_api').filter(({ params }) => params?.get('search_query')))(
    'gives the results of $name in their order, wherever the page before ended',
    async ({ params }) => {
      const [start, size] = [Number(params?.get('start')), Number(params?.get('max_results'))];
      const { papers, skipped, fault } = await search(start, size);
      const more = `${214_881 - start - size} results after the first ${start + size}`;
      expect({ skipped, fault }).toEqual({ skipped: [more], fault: null });
      expect(papers).toEqual((await search(0, 100)).papers.slice(0, start + size));
    },
  );

  it('gives sixty results in six pages, each once', async () => {
    const options = {
      baseUrl: recorded.upstream.url,
      query: 'testing',
      pageSize: 10,
      maxResults: 60,
      pauseMs: 0,
    };
    const { papers } = await outcomeOf(readArxivQuery(ctx, options));
    expect(new Set(papers.map(({ externalId }) => externalId)).size).toBe(60);
    expect(papers.find(({ externalId }) => externalId === '2405.13786')?.authors[0]).toBe('Aurora Ramírez');
    expect(papers.find(({ externalId }) => externalId === '2202.12139')).toMatchObject({
      doi: '10.1109/ICSTW55395.2022.00035',
      categories: ['cs.SE', 'cs.LG'],
    });
  });
});

it.skipIf(!dataDir)(title('serves every recorded file to an adapter'), async () => {
  recorded.upstream.reset();
  for (const recording of recordings) await read(recording);
  expect([...recorded.upstream.served].sort()).toEqual(recordings.map(({ name }) => name));
});
