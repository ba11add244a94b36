/** What readers say of papers steers their next digest, old papers too, and brings none of those papers to anyone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { listJudgedPaperIds, listLikedTogether } from '../../src/digests/digests.repo.ts';
import { NEVER_NEWS } from '../../src/papers/paper.ts';
import { addLikes } from '../../src/subscribers/feedback.ts';
import { findSubscriber } from '../../src/subscribers/subscribers.repo.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const OLD = new Date('2019-05-01T00:00:00Z');
const NEWS = new Date('2026-11-24T05:00:00Z');

let site: TestSite;

beforeEach(async () => {
  site = await createTestSite();
  await storePapers(
    site.ctx,
    [
      makePaper({
        title: 'Tactile skins for dexterous robot hands',
        abstract: 'Tactile skins let dexterous robot hands feel slip and grasp soft fruit.',
        categories: ['cs.RO'],
      }),
      makePaper({
        title: 'Walking gaits for legged robots on sand',
        abstract: 'Legged robots walk on sand with gaits learned in simulation.',
        upvotes: 40,
        categories: ['cs.RO'],
      }),
      makePaper({
        title: 'Mapping caves with flying robots',
        abstract: 'Flying robots map caves by sonar.',
        categories: ['cs.RO'],
      }),
      makePaper({
        title: 'Painting robots for ship hulls',
        abstract: 'Painting hulls.',
        categories: ['cs.RO'],
      }),
    ],
    NEWS,
  );
});
afterEach(() => site.close());

const titlesOf = async (subscriberId: number) =>
  (
    await site.sql`select p.title, dp.reasons from digests d join digest_papers dp on dp.digest_id = d.id
      join papers p on p.id = dp.paper_id where d.subscriber_id = ${subscriberId} order by d.id, dp.position`
  ).map(({ title }) => title as string);
const reasonsOf = async (subscriberId: number) =>
  (await site.sql`select reasons from digest_papers where subscriber_id = ${subscriberId}`).flatMap(
    ({ reasons }) => reasons as { kind: string; title?: string }[],
  );
const bibliography = Buffer.from(
  `@article{t, title={Touch: tactile sensing skins for robot hands}, author={Feel, Ada}, year=2019,
    abstract={Tactile sensing skins give dexterous robot hands the feel of slip and grasp.}}`,
);
async function like(subscriberId: number, entries: string[], file: Buffer | null) {
  const subscriber = await findSubscriber(site.ctx.db, subscriberId);
  if (!subscriber) throw new Error('no such reader');
  return addLikes(site.ctx, subscriber, { entries, file });
}

describe('a liked old paper', () => {
  it('is never sent, and steers the digest, which names it', async () => {
    const plain = await site.addReader('plain@example.org', { topics: ['cs-ro'] });
    const steered = await site.addReader('steered@example.org', { topics: ['cs-ro'] });
    await composePage(site.ctx, site.clock.now(), [plain]);
    expect((await titlesOf(plain))[0]).not.toBe('Tactile skins for dexterous robot hands');

    // After the edition was made that both share.
    await like(steered, [], bibliography);
    await composePage(site.ctx, site.clock.now(), [steered]);
    const titles = await titlesOf(steered);
    expect(titles[0]).toBe('Tactile skins for dexterous robot hands');
    expect(titles).not.toContain('Touch: tactile sensing skins for robot hands');
    expect(await reasonsOf(steered)).toContainEqual(
      expect.objectContaining({ kind: 'liked', title: 'Touch: tactile sensing skins for robot hands' }),
    );
    const { body } = await site.app.inject({
      url: site.path('digest', Number((await site.sql`select max(id)::int as id from digests`)[0]?.id), {
        version: 0,
      }),
    });
    expect(body).toContain('like “Touch: tactile sensing skins for robot hands”, which you liked');
  });

  it('comes to no other reader either, not even to one who takes what is trending', async () => {
    const owner = await site.addReader('owner@example.org', { topics: ['cs-ro'] });
    await like(owner, [], bibliography);
    const readers = [
      await site.addReader('all@example.org', {}),
      await site.addReader('touch@example.org', { keywords: ['tactile sensing'] }),
      await site.addReader('none@example.org', { keywords: ['quantum chemistry'] }),
    ];
    await composePage(site.ctx, site.clock.now(), [owner, ...readers]);
    const sent =
      await site.sql`select count(*)::int as count from digest_papers dp join papers p on p.id = dp.paper_id
      where p.title like 'Touch:%'`;
    expect(sent).toEqual([{ count: 0 }]);
    expect(await titlesOf(readers[0] ?? 0)).not.toEqual([]);
  });

  it('is enough of a profile: what is like it comes, and is not called a makeshift', async () => {
    const reader = await site.addReader('only@example.org', {});
    await like(reader, [], bibliography);
    await site.sql`update subscribers set last_digest_at = '2026-11-20' where id = ${reader}`;
    await composePage(site.ctx, site.clock.now(), [reader]);
    expect((await titlesOf(reader))[0]).toBe('Tactile skins for dexterous robot hands');
    expect(await site.sql`select filled from digests where subscriber_id = ${reader}`).toEqual([
      { filled: false },
    ]);
  });

  it('becomes news like any other once a source tells of it, in that source’s words', async () => {
    const reader = await site.addReader('early@example.org', { topics: ['cs-ro'] });
    await like(
      reader,
      [],
      Buffer.from(
        '@misc{a, title={Spam and eggs and spam}, eprint={2611.00009v9}, archivePrefix={arXiv}, year=2026, abstract={Buy spam now.}}',
      ),
    );
    const told = makePaper({
      source: 'arxiv',
      externalId: '2611.00009',
      arxivId: '2611.00009',
      title: 'Grasping eggs without breaking them',
      categories: ['cs.RO'],
    });
    await storePapers(site.ctx, [told], site.clock.now());
    expect(
      await site.sql`select title, abstract, version, first_seen_at from papers where arxiv_id = '2611.00009'`,
    ).toEqual([
      {
        title: 'Grasping eggs without breaking them',
        abstract: '',
        version: 1,
        first_seen_at: site.clock.now(),
      },
    ]);
    const other = await site.addReader('other@example.org', { topics: ['cs-ro'] });
    await composePage(site.ctx, site.clock.now(), [reader, other]);
    expect(await titlesOf(other)).toContain('Grasping eggs without breaking them');
    expect(await titlesOf(reader)).not.toContain('Grasping eggs without breaking them');
  });
});

describe('a reader’s word that comes a moment after a source’s', () => {
  it('changes no paper, makes none older and none of two one', async () => {
    const papers = () => site.sql`select * from papers order by id`;
    await storePapers(
      site.ctx,
      [
        makePaper({ title: 'Lifting pianos with many small arms', arxivId: '2611.00020' }),
        makePaper({ title: 'Dropping pianos from a great height' }),
      ],
      NEWS,
    );
    const before = await papers();
    const word = makePaper({
      source: 'reader',
      externalId: '2611.00020',
      arxivId: '2611.00020',
      title: 'Dropping pianos from a great height',
      abstract: 'Buy spam now.',
    });
    await storePapers(site.ctx, [word], NEVER_NEWS);
    expect(await papers()).toEqual(before);
  });
});

describe('a disliked paper', () => {
  it('of a theme takes that theme down for its reader alone', async () => {
    const reader = await site.addReader('a@example.org', { topics: ['cs-ro'] });
    await like(reader, [], bibliography);
    await site.sql`insert into feedback select ${reader}, id, 'disliked', now() from papers where title like 'Walking%'`;
    await composePage(site.ctx, site.clock.now(), [reader]);
    expect(await titlesOf(reader)).not.toContain('Walking gaits for legged robots on sand');
  });
});

describe('what was liked together', () => {
  it('is told as lists of papers of confirmed readers with two or more likes, the latest first to count', async () => {
    const ids = (await site.sql`select id::int from papers order by id`).map(({ id }) => id as number);
    const [p1 = 0, p2 = 0, p3 = 0] = ids;
    const [a, b, c] = [
      await site.addReader('a@example.org'),
      await site.addReader('b@example.org'),
      await site.addReader('c@example.org'),
    ];
    const pending = await site.addPending('d@example.org');
    const say = (reader: number | undefined, paper: number, verdict: string, day: number) =>
      site.sql`insert into feedback values (${reader ?? 0}, ${paper}, ${verdict}, ${new Date(OLD.getTime() + day * 86_400_000)})`;
    await say(a, p1, 'liked', 1);
    await say(a, p2, 'liked', 9);
    await say(b, p2, 'liked', 8);
    await say(b, p1, 'disliked', 8);
    await say(c, p3, 'liked', 7);
    await say(c, p1, 'liked', 6);
    await say(pending, p1, 'liked', 9);
    await say(pending, p2, 'liked', 9);
    expect(await listLikedTogether(site.ctx.db, { limit: 200_000 })).toEqual([
      [p1, p2],
      [p1, p3],
    ]);
    expect(await listLikedTogether(site.ctx.db, { limit: 4 })).toEqual([[p1, p3]]);
    expect(await listJudgedPaperIds(site.ctx.db, { limit: 3 })).toEqual([p1, p2].sort((x, y) => x - y));
  });
});
