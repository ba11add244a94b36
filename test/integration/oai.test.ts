/** Harvesting arXiv by OAI-PMH: which questions a harvest asks, that it misses and doubles nothing, and where it goes on. */
import { describe, expect, it } from 'vitest';
import {
  archiveOf,
  arxivRecord,
  deletedRecord,
  oaiAnswer,
  oaiError,
  recordList,
} from '../support/oai-archive.ts';
import { idsOf, useOaiHarvest } from '../support/oai-harvest.ts';
import { pagesOf } from '../support/source-pages.ts';

const harvest = useOaiHarvest();
const { read } = harvest;

describe('a harvest', () => {
  const sets = {
    cs: ['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005'].map((id) => arxivRecord(id)),
    math: [],
    'physics:hep-ex': [arxivRecord('2502.00001'), deletedRecord('2502.00002'), arxivRecord('2502.00003')],
  };
  const everything = [
    ['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005'],
    ['2502.00001', '2502.00002', '2502.00003'],
  ].flat();

  it.each([1, 2, 3, 10])(
    'misses and doubles nothing wherever it is cut, %i records at a time',
    async (size) => {
      harvest.archive = archiveOf(sets, size);
      const options = { sets: Object.keys(sets), from: '2025-06-01', to: '2025-06-30' };
      const whole = await pagesOf(read(options));
      expect(idsOf(whole).sort()).toEqual(everything);
      for (let cut = 1; cut < whole.length; cut += 1) {
        const before = await pagesOf(read(options), cut);
        const after = await pagesOf(read({ ...options, cursor: before.at(-1)?.cursor }));
        expect([...before, ...after]).toEqual(whole);
      }
    },
  );

  it('asks for each set with its days, then for nothing but the token, with a pause between', async () => {
    harvest.archive = archiveOf(sets, 3);
    await pagesOf(read({ sets: ['cs', 'physics:hep-ex'], from: '2025-06-01', to: '2025-06-30' }));
    const days = { from: '2025-06-01', until: '2025-06-30', metadataPrefix: 'arXiv' };
    expect(harvest.server.requests.map(({ params }) => Object.fromEntries(params))).toEqual([
      { verb: 'ListRecords', set: 'cs', ...days },
      { verb: 'ListRecords', resumptionToken: 'cs|3' },
      { verb: 'ListRecords', set: 'physics:hep-ex', ...days },
    ]);
    expect(harvest.waits).toEqual([3_000, 3_000]);
  });

  it('asks for no days that arXiv would reject', async () => {
    await pagesOf(read({ from: '1991-01-01', to: '2999-01-01' }));
    expect(Object.fromEntries(harvest.server.requests[0]?.params ?? [])).toEqual({
      verb: 'ListRecords',
      metadataPrefix: 'arXiv',
    });
  });

  it('tells how many records a single list has', async () => {
    harvest.archive = archiveOf(sets, 3);
    expect((await pagesOf(read({ sets: ['cs'] }))).map(({ total }) => total)).toEqual([5, 5]);
    const both = await pagesOf(read({ sets: ['cs', 'physics:hep-ex'] }));
    expect(both.map(({ total }) => total)).toEqual([undefined, undefined, undefined]);
  });

  it('goes on next time on the day of its first answer, however long it took', async () => {
    let hour = 0;
    harvest.archive = archiveOf(sets, 3, () => (hour++ === 0 ? '2025-06-30' : '2025-07-01'));
    const cursor = (await pagesOf(read({ sets: ['cs'], from: '2025-06-01' }))).at(-1)?.cursor;
    harvest.server.requests.length = 0;
    await pagesOf(read({ sets: ['cs'], cursor }));
    expect(harvest.server.requests[0]?.params.get('from')).toBe('2025-06-30');
  });

  it('goes on next time where its own last day was, if that was earlier', async () => {
    harvest.archive = archiveOf(sets, 10);
    const cursor = (await pagesOf(read({ sets: ['cs'], to: '2025-03-31' }))).at(-1)?.cursor;
    harvest.server.requests.length = 0;
    const next = await pagesOf(read({ sets: ['cs'], cursor }));
    expect(harvest.server.requests[0]?.params.get('from')).toBe('2025-03-31');
    expect(harvest.server.requests[0]?.params.has('until')).toBe(false);
    harvest.server.requests.length = 0;
    await pagesOf(read({ sets: ['cs'], from: '2025-02-01', cursor: next.at(-1)?.cursor }));
    expect(harvest.server.requests[0]?.params.get('from')).toBe('2025-02-01');
  });

  it('yields an empty page with a cursor where nothing has changed', async () => {
    const pages = await pagesOf(read({ from: '2025-06-30' }));
    expect(pages).toMatchObject([{ papers: [], skipped: [], cursor: expect.any(String) }]);
    // The archive's own day, as `oaiAnswer` writes it.
    harvest.server.requests.length = 0;
    await pagesOf(read({ cursor: pages[0]?.cursor }));
    expect(harvest.server.requests[0]?.params.get('from')).toBe('2025-07-01');
  });

  it('begins a set again from its first day when the token has expired', async () => {
    harvest.archive = archiveOf(sets, 3);
    const options = { sets: ['physics:hep-ex', 'cs'], from: '2025-06-01' };
    const [, second] = await pagesOf(read(options), 2);
    harvest.server.requests.length = 0;
    harvest.server.answerNext(oaiError('badResumptionToken'));
    const rest = await pagesOf(read({ ...options, cursor: second?.cursor }));
    expect(idsOf(rest)).toEqual(['2501.00001', '2501.00002', '2501.00003', '2501.00004', '2501.00005']);
    expect(Object.fromEntries(harvest.server.requests[1]?.params ?? [])).toMatchObject({
      set: 'cs',
      from: '2025-06-01',
    });
  });

  it('gives up on an archive that forgets every token, or repeats one', async () => {
    const first = archiveOf(sets, 3);
    harvest.archive = (params) =>
      params.has('resumptionToken') ? oaiError('badResumptionToken') : first(params);
    await expect(pagesOf(read({ sets: ['cs'] }))).rejects.toMatchObject({
      code: 'SOURCE_CURSOR_EXPIRED',
      retry: true,
    });
    harvest.archive = () =>
      oaiAnswer(recordList([arxivRecord('2501.00001')], '<resumptionToken>same</resumptionToken>'));
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
  });

  it('begins again rather than follow a cursor into other sets, and refuses one that is not its own', async () => {
    harvest.archive = archiveOf(sets, 3);
    const [page] = await pagesOf(read({ sets: ['cs'], from: '2025-06-01' }), 1);
    harvest.server.requests.length = 0;
    await pagesOf(read({ sets: ['physics:hep-ex', 'cs'], cursor: page?.cursor }), 1);
    expect(Object.fromEntries(harvest.server.requests[0]?.params ?? [])).toMatchObject({
      set: 'physics:hep-ex',
      from: '2025-06-01',
    });
    for (const cursor of ['', '6460044|1001', '{"set":0}', 'null']) {
      await expect(pagesOf(read({ cursor }))).rejects.toMatchObject({ code: 'SOURCE_BAD_QUERY' });
    }
  });
});
