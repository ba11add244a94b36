/** A preview is the digest itself, before it is: for a profile nobody saved, and for a reader about to change theirs. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { previewProfile } from '../../src/digests/preview-profile.ts';
import { lookUpBibliography, takeBibliography } from '../../src/papers/bibliography.ts';
import { parseDraft } from '../../src/subscribers/subscription-input.ts';
import { fewPapers, makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const NEWS = new Date('2026-11-24T05:00:00Z');
const bibliography = Buffer.from(
  `@article{t, title={Touch: tactile sensing skins for robot hands}, author={Feel, Ada}, year=2019,
    abstract={Tactile sensing skins give dexterous robot hands the feel of slip and grasp.}}`,
);

let site: TestSite;
let readerId: number;
let before: unknown;

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, fewPapers, NEWS);
  readerId = await site.addReader('reader@example.org', { topics: ['cs-ro'], keywords: ['sonar'] });
  await composePage(site.ctx, site.clock.now(), [readerId]);
  const news = ['Tactile gloves for surgeons', 'Walking robots that climb stairs'];
  site.clock.set('2026-11-25T09:30:00Z');
  await storePapers(
    site.ctx,
    news.map((title) => makePaper({ title, abstract: title, categories: ['cs.RO'] })),
    site.clock.now(),
  );
});
beforeEach(async () => {
  before = await site.dump();
});
// The promise of everything in this file.
afterEach(async () => {
  expect(await site.dump()).toEqual(before);
});
afterAll(() => site.close());

describe('a preview of an unsaved profile', () => {
  const draft = (input: unknown) => {
    const parsed = parseDraft(input);
    if (!parsed.ok) throw new Error('a test gave bad input');
    return parsed.value;
  };

  it('follows a bibliography of papers that nobody has, and keeps none of them', async () => {
    const wishes = draft({ topics: ['cs-ro'] });
    const plain = await previewProfile(site.ctx, wishes);
    expect(plain.digest?.papers[0]?.title).toBe('Walking gaits for legged robots on sand');
    const read = await lookUpBibliography(site.ctx, bibliography, 100);
    expect(read).toMatchObject({
      paperIds: [],
      skipped: [],
      leftOut: 0,
      others: [{ authors: ['Ada Feel'] }],
    });
    const { digest } = await previewProfile(site.ctx, wishes, read);
    expect(digest?.papers[0]).toMatchObject({
      title: 'Tactile skins for <dexterous> robot hands',
      reasons: expect.arrayContaining([
        'like “Touch: tactile sensing skins for robot hands”, which you liked',
      ]),
    });
    // Nor does it tell the next one who asks.
    expect((await previewProfile(site.ctx, wishes)).digest).toEqual(plain.digest);
  });

  it('is the first digest of whoever subscribes with the same choices, old liked papers included', async () => {
    const real = await createTestSite();
    await storePapers(real.ctx, fewPapers, NEWS);
    const { paperIds } = await takeBibliography(real.ctx, bibliography, 100);
    await real.sql`update papers set arxiv_id = '1905.00001' where id = ${Number(paperIds[0])}`;
    await real.sql`insert into paper_keys values ('arxiv:1905.00001', ${Number(paperIds[0])})`;
    for (const wishes of [
      { topics: ['cs-ro'] },
      { topics: ['cs-ro'], keywords: ['caves', '-sand'] },
      { topics: ['cs-ro'], liked: ['1905.00001'] },
      { liked: ['1905.00001'] },
      { keywords: ['medieval manuscripts'] },
      {},
    ]) {
      const { digest } = await previewProfile(real.ctx, draft(wishes));
      const id = await real.addReader(`reader${JSON.stringify(wishes).length}@example.org`, wishes);
      await composePage(real.ctx, real.clock.now(), [id]);
      const rows = await real.sql`select p.title from digest_papers dp join papers p on p.id = dp.paper_id
        where dp.subscriber_id = ${id} order by dp.position`;
      expect(digest?.papers.map(({ title }) => title)).toEqual(rows.map(({ title }) => title));
    }
    await real.close();
  });
});

describe('a preview of changed preferences', () => {
  const ask = (fields: Record<string, string>) =>
    site.postForm(`${site.path('preferences', readerId)}/preview`, { topics: 'cs-ro', ...fields });
  const titlesIn = (html: string) =>
    [...html.matchAll(/<h3 lang="en"><a [^>]*>([^<]*)<\/a>/g)].map(([, title]) => title ?? '');

  it('shows the next digest as they would make it, without what came before, and keeps what was typed', async () => {
    const { statusCode, body } = await ask({
      excludedWords: 'stairs',
      keywords: 'gloves <b>',
      paperCount: '7',
    });
    expect(statusCode).toBe(200);
    expect(titlesIn(body)).toEqual(['Tactile gloves for surgeons']);
    expect(body).toContain('These choices are not saved yet');
    expect(body).toMatch(/name="keywords" value="gloves &lt;b&gt;"/);
    expect(body).toMatch(/name="paperCount" value="7"/);
    expect(titlesIn((await ask({})).body)).toHaveLength(2);
  });

  it('of a quiet day says so', async () => {
    const { body } = await site.postForm(`${site.path('preferences', readerId)}/preview`, {
      keywords: 'medieval manuscripts',
    });
    expect(body).toContain('No mail today');
  });

  it('says beside the field what is wrong, and is for those with the link alone', async () => {
    const { statusCode, body } = await ask({ paperCount: '21' });
    expect(statusCode).toBe(400);
    expect(body).toContain('id="paperCount-error"');
    expect(titlesIn(body)).toEqual([]);
    expect((await site.postForm('/preferences/nothing/preview', {})).statusCode).toBe(404);
  });
});
