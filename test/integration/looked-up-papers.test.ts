/** What Semantic Scholar told of papers is shown to readers, on the page and in the mail, and makes no paper new or trending. */
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { listTrendingDays } from '../../src/digests/list-trending.ts';
import { listNewestPapers } from '../../src/papers/papers.repo.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';
import { useScholarLookUps } from '../support/scholar-look-ups.ts';

const lookUps = useScholarLookUps();
const { clock, daysAgo, lookUp } = lookUps;

describe('citations', () => {
  it('are shown beside the votes, and neither make a paper news again nor trending', async () => {
    const old = makePaper({
      source: 'arxiv',
      arxivId: '2611.00001',
      title: 'A paper that many cite',
      publishedAt: daysAgo(3),
    });
    const voted = makePaper({
      source: 'hf',
      arxivId: '2611.00002',
      title: 'A paper with a few votes',
      upvotes: 3,
    });
    await storePapers(lookUps.test.ctx, [old, voted], daysAgo(5));
    lookUps.scholar.records.set('ARXIV:2611.00001', { paperId: 'a', citationCount: 9000 });
    lookUps.scholar.records.set('ARXIV:2611.00002', { paperId: 'b', citationCount: 2 });
    await lookUp();
    const papers = await listNewestPapers(lookUps.test.ctx.db, { at: clock.now(), limit: 10 });
    expect(papers.map(({ arxivId, citations, trend }) => [arxivId, citations, trend?.upvotes])).toEqual([
      ['2611.00002', 2, 3],
      ['2611.00001', 9000, undefined],
    ]);
    expect(papers.find(({ arxivId }) => arxivId === '2611.00001')?.newsAt).toEqual(daysAgo(5));
    const listed = (await listTrendingDays(lookUps.test.ctx)).flatMap((day) => day.papers);
    expect(listed.map(({ paper }) => paper.arxivId)).toEqual(['2611.00002']);
  });
});

describe('a reader', () => {
  it('sees on the page and in the mail where a paper appeared, and gets a PDF of one that is not on arXiv', async () => {
    await storePapers(
      lookUps.test.ctx,
      [
        makePaper({
          source: 'feed-journal',
          doi: '10.1000/berries',
          title: 'Federated learning with few rounds',
          url: 'https://journal.example.org/berries',
          upvotes: 7,
        }),
      ],
      daysAgo(1),
    );
    lookUps.scholar.records.set('DOI:10.1000/berries', {
      paperId: 'b',
      publicationVenue: { name: 'Journal of <Fields>', type: 'journal' },
      openAccessPdf: { url: 'https://journal.example.org/berries.pdf' },
      s2FieldsOfStudy: [{ category: 'Computer Science' }],
      citationCount: 12,
    });
    await lookUp();
    const app = await buildApp(lookUps.test.ctx);
    const { body } = await app.inject('/');
    await app.close();
    expect(body).toContain('Journal of &lt;Fields&gt; · Computer Science');
    expect(body).toContain('<a href="https://journal.example.org/berries.pdf">PDF</a>');
    expect(body).toContain('12 citations');

    await addReaders(lookUps.test.ctx, [
      { email: 'ada@example.org', topics: ['federated-learning'], hour: 8 },
    ]);
    const ids = (await lookUps.test.sql`select id::int from subscribers`).map(({ id }) => id as number);
    clock.set('2026-11-25T08:00:00Z');
    await deliver(lookUps.test.ctx, (await composePage(lookUps.test.ctx, clock.now(), ids)).deliveryIds);
    const [mail] = await lookUps.test.sink.parsed();
    expect(mail?.text).toContain('Journal of <Fields> · Computer Science');
    expect(mail?.text).toContain('PDF:  https://journal.example.org/berries.pdf');
    expect(mail?.html).toContain('Journal of &lt;Fields&gt; &#183; Computer Science');
  });
});
