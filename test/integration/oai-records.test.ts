/** What a record of arXiv says over OAI-PMH: the paper it becomes, whether it was withdrawn, and what is skipped. */
import { describe, expect, it } from 'vitest';
import { readArxivOaiRecord } from '../../src/papers/sources/arxiv-oai.ts';
import { arxivRecord, deletedRecord, oaiAnswer, recordList } from '../support/oai-archive.ts';
import { idsOf, useOaiHarvest } from '../support/oai-harvest.ts';

const harvest = useOaiHarvest();
const { onlyPage } = harvest;

describe('a record of arXiv', () => {
  it('becomes a paper', async () => {
    const page = await onlyPage(
      oaiAnswer(`<ListRecords><record><header><identifier>oai:arXiv.org:math.GT/0309136</identifier></header>
      <metadata><arXiv><id>math/0309136</id><created>2003-09-08</created><updated>2004-01-01</updated>
      <authors><author><keyname>Example Collaboration</keyname></author><author><keyname>:</keyname></author>
        <author><keyname>Erd&#337;s</keyname><forenames>P&#xe1;l</forenames><suffix>Jr</suffix><affiliation>Here</affiliation></author></authors>
      <title>Steps &amp;
        Walks</title><categories>math.GT math.AG  hep-th</categories><comments>12 pages</comments>
      <doi>10.1/a;b-2, 10.1/second</doi><abstract>  A sentence\nof our own on $O(n^2)$ where 1 &lt; n.</abstract></arXiv></metadata>
      </record></ListRecords>`),
    );
    expect(page).toMatchObject({
      skipped: [],
      papers: [
        {
          source: 'arxiv',
          externalId: 'math/0309136',
          arxivId: 'math/0309136',
          version: 2,
          doi: '10.1/a;b-2',
          title: 'Steps & Walks',
          abstract: 'A sentence of our own on O(n²) where 1 < n.',
          authors: ['Example Collaboration', 'Pál Erdős Jr'],
          categories: ['math.GT', 'math.AG', 'hep-th'],
          publishedAt: new Date('2003-09-08T00:00:00Z'),
          withdrawn: false,
          url: 'https://arxiv.org/abs/math/0309136',
        },
      ],
    });
  });

  it('is the first version where nothing was updated', async () => {
    const page = await onlyPage(oaiAnswer(recordList([arxivRecord('2501.00001')])));
    expect(page.papers[0]).toMatchObject({ version: 1, abstract: '', doi: null, authors: ['Jane Doe'] });
  });

  it.each([
    ['<comments>This paper has been withdrawn by the author due to an error</comments>', true],
    ['<comments>Withdrawn: see version 2</comments>', true],
    ['<abstract>  This submission has been withdrawn by arXiv administrators.</abstract>', true],
    ['<abstract>We study how this paper has been withdrawn.</abstract>', false],
    ['<comments>The withdrawn lemma is back; 5 pages</comments>', false],
  ])('says whether it was withdrawn: %s', async (field, withdrawn) => {
    const page = await onlyPage(oaiAnswer(recordList([arxivRecord('2501.00001', field)])));
    expect(page.papers).toMatchObject([{ withdrawn }]);
  });

  it('is counted and skipped where it is deleted or unreadable, and the rest is kept', async () => {
    const page = await onlyPage(
      oaiAnswer(
        recordList([
          deletedRecord('2501.00002'),
          arxivRecord('2501.00003').replace(/<title>.*<\/title>/, ''),
          arxivRecord('2501.00004').replace('<id>2501.00004</id>', '<id>none</id>'),
          '<record><header><identifier>oai:arXiv.org:2501.00005</identifier></header></record>',
          '<record/>',
          arxivRecord('2501.00006').replace('2025-01-02', 'soon'),
        ]),
      ),
    );
    expect(page.papers).toMatchObject([{ externalId: '2501.00006', publishedAt: null }]);
    expect(page.skipped.map(({ externalId }) => externalId)).toEqual([
      '2501.00002',
      '2501.00003',
      '2501.00004',
      '2501.00005',
      undefined,
    ]);
    expect(page.skipped[0]?.reason).toBe('deleted');
    expect(page.skipped[1]?.reason).toMatch(/^title: /);
    expect(page.skipped[2]?.reason).toBe('id: not an arXiv id');
  });

  it('can be asked for by its id', async () => {
    harvest.server.answerNext(oaiAnswer(`<GetRecord>${arxivRecord('2501.00007')}</GetRecord>`));
    const page = await readArxivOaiRecord(harvest.ctx, {
      baseUrl: harvest.server.oaiUrl,
      arxivId: '2501.00007',
    });
    expect(idsOf([page])).toEqual(['2501.00007']);
    expect(Object.fromEntries(harvest.server.requests[0]?.params ?? [])).toEqual({
      verb: 'GetRecord',
      identifier: 'oai:arXiv.org:2501.00007',
      metadataPrefix: 'arXiv',
    });
  });
});
