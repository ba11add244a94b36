/** What a digest names at its end: trending papers of the reader's field, never one they got, judged or left out. */
import { decodeXML } from 'entities';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { previewDigest } from '../../src/digests/preview.ts';
import { absorbPaper } from '../../src/papers/store.repo.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const HEADING = 'Also trending in your field';

let site: TestSite;
let reader: number;

/** On language, each on a thing of its own, with that many votes. */
const paperOn = (thing: string, upvotes?: number, listedAt?: Date) =>
  makePaper({
    title: `Talking about ${thing}`,
    abstract: `People who know ${thing} well say what others, who never saw ${thing}, can't.`,
    categories: ['cs.CL'],
    upvotes,
    listedAt,
  });

beforeEach(async () => {
  site = await createTestSite();
  const news = [
    paperOn('apples', 90),
    paperOn('bridges', 80),
    paperOn('candles', 70),
    makePaper({
      title: 'Talking about apples, again',
      abstract: paperOn('apples').abstract.repeat(3),
      categories: ['cs.CL'],
      upvotes: 65,
    }),
    paperOn('dolphins', 60),
    paperOn('earrings', 50),
    paperOn('forks', 40),
    paperOn('glaciers', 30),
    paperOn('hammers', 20),
    paperOn('islands', 10),
    paperOn('jackets', 8),
    paperOn('kettles', 1),
    paperOn('lanterns'),
    makePaper({ title: 'Grasping soft fruit', categories: ['cs.RO'], upvotes: 99 }),
    // What an ordinary paper gets is learned from all.
    ...Array.from({ length: 30 }, (_, n) =>
      makePaper({ title: `Theorem ${n} on groups`, categories: ['math.GR'], upvotes: 2 }),
    ),
  ];
  await storePapers(site.ctx, news, new Date('2026-11-24T05:00:00Z'));
  reader = await site.addReader('ada@example.org', { topics: ['cs-cl'] });
  await site.sql`update subscribers set paper_count = 3`;
});
afterEach(() => site.close());

const compose = () => composePage(site.ctx, site.clock.now(), [reader]);
const thingsOf = (rows: readonly { title?: unknown }[]) =>
  rows.map(({ title }) => String(title).split(' ').slice(2).join(' '));

async function listChosen(): Promise<string[]> {
  return thingsOf(
    await site.sql`select title from digest_papers join papers on papers.id = paper_id
      where digest_id = (select max(id) from digests) order by position`,
  );
}

async function listAlso(): Promise<string[]> {
  return thingsOf(
    await site.sql`select title from digests, jsonb_array_elements(also_trending) with ordinality as e(also, nth)
      join papers on papers.id = (also->>'paperId')::bigint
      where digests.id = (select max(id) from digests) order by nth`,
  );
}

async function idOf(thing: string): Promise<number> {
  const [row] = await site.sql`select id::int from papers where title = ${`Talking about ${thing}`}`;
  return Number(row?.id);
}

async function sendMail(): Promise<{ html: string; text: string }> {
  const { deliveryIds } = await compose();
  await deliver(site.ctx, deliveryIds);
  const mail = (await site.sink.parsed()).at(-1);
  return { html: String(mail?.html), text: mail?.text ?? '' };
}

async function openWebCopy(): Promise<string> {
  const [row] = await site.sql`select max(id)::int as id from digests`;
  return (await site.app.inject(site.path('digest', Number(row?.id)))).body;
}

describe('what also trends', () => {
  it('is five papers at most of the same field, those with the most votes first, and no double', async () => {
    await compose();
    expect((await listChosen()).sort()).toEqual(['apples', 'bridges', 'candles']);
    expect(await listAlso()).toEqual(['dolphins', 'earrings', 'forks', 'glaciers', 'hammers']);
  });

  it('is never what the reader leaves out, dislikes or likes', async () => {
    await site.sql`update profiles set excluded = '{glaciers,earrings}'`;
    await site.sql`insert into feedback values (${reader}, ${await idOf('forks')}, 'disliked', now()),
      (${reader}, ${await idOf('hammers')}, 'liked', now())`;
    await compose();
    const also = await listAlso();
    expect(also).toEqual(expect.arrayContaining(['dolphins', 'islands', 'jackets']));
    for (const thing of ['glaciers', 'earrings', 'forks', 'hammers']) expect(also).not.toContain(thing);
    // Nor one that gets no more votes than others do, where there is room.
    expect(also.length).toBeLessThan(5);
    expect(also).not.toContain('kettles');
  });

  it('is of the papers that a keyword finds, for who has no topic; of none, for who asked for nothing', async () => {
    const onIslands = await site.addReader('sea@example.org', { keywords: ['islands', 'soft fruit'] });
    await site.sql`update subscribers set paper_count = 1 where id = ${onIslands}`;
    await composePage(site.ctx, site.clock.now(), [onIslands]);
    expect([...(await listChosen()), ...(await listAlso())].sort()).toEqual(['fruit', 'islands']);
    const onAll = await site.addReader('all@example.org', {});
    await composePage(site.ctx, site.clock.now(), [onAll]);
    expect(await listChosen()).not.toEqual([]);
    expect(await listAlso()).toEqual([]);
  });

  it('counts as not sent: it may be in a later digest, while what was sent comes back nowhere', async () => {
    await compose();
    site.clock.set('2026-11-26T08:00:00Z');
    const listedAt = new Date('2026-11-25T12:00:00Z');
    const again = ['apples', 'dolphins', 'mirrors', 'needles', 'oranges'];
    await storePapers(
      site.ctx,
      again.map((thing, at) => paperOn(thing, 90 - at * 10, listedAt)),
      listedAt,
    );
    expect(await compose()).toMatchObject({ digests: 1 });
    expect((await listChosen()).sort()).toEqual(['dolphins', 'mirrors', 'needles']);
    // Those of yesterday are no news, and were named.
    expect(await listAlso()).toEqual(['oranges']);
  });
});

describe('a digest with papers that also trend', () => {
  it('names them with their votes and their pages here, in the mail, on the web, in a preview', async () => {
    const preview = await previewDigest(site.ctx, 'ada@example.org');
    const wishes = { topics: 'cs-cl', paperCount: '3' };
    const changed = await site.postForm(`${site.path('preferences', reader)}/preview`, wishes);
    const mail = await sendMail();
    const page = `${site.ctx.config.publicUrl}/papers/p${await idOf('hammers')}`;
    if (preview.result !== 'digest') throw new Error('no digest to preview');
    for (const html of [mail.html, preview.mail.html, changed.body, await openWebCopy()]) {
      expect(html.split(HEADING)[1]).toContain(`<a href="${page}"`);
      expect(html.split(HEADING)[1]).toMatch(/>Talking about hammers<\/a>, 20 upvotes in 6 hours/);
    }
    for (const text of [mail.text, preview.mail.text]) {
      expect(text.split(HEADING)[1]).toContain(
        `- Talking about hammers, 20 upvotes in 6 hours\n    ${page}\n`,
      );
    }
    expect((await site.app.inject(new URL(page).pathname)).statusCode).toBe(200);
  });

  it('names them in the reader’s own feed, in each form; their history leads to the page that does', async () => {
    await sendMail();
    const page = `${site.ctx.config.publicUrl}/papers/p${await idOf('hammers')}`;
    const named = `<a href="${page}">Talking about hammers</a>, 20 upvotes in 6 hours</li>`;
    const feed = site.path('feed', reader);
    const { items } = (await site.app.inject(`${feed}.json`)).json();
    expect(items[0].content_html.split(`<h3>${HEADING}</h3>`)[1]).toContain(named);
    for (const form of ['xml', 'atom']) {
      const body = decodeXML((await site.app.inject(`${feed}.${form}`)).body);
      expect(body.split(HEADING)[1]).toContain(named);
    }
    const history = (await site.app.inject(`${site.path('preferences', reader)}/digests`)).body;
    const [, copy = ''] = /<a href="https:\/\/papers\.example\.org(\/digests\/[^"]+)"/.exec(history) ?? [];
    expect((await site.app.inject(copy)).body.split(HEADING)[1]).toContain('Talking about hammers');
    await site.sql`update digests set also_trending = '[]'`;
    expect((await site.app.inject(`${feed}.json`)).body).not.toContain(HEADING);
  });

  it('says nothing of the kind where there are none', async () => {
    await site.sql`update profiles set excluded = '{talking}'`;
    const news = makePaper({ title: 'Words and other words', categories: ['cs.CL'] });
    await storePapers(site.ctx, [news], new Date('2026-11-24T06:00:00Z'));
    const { html, text } = await sendMail();
    expect(text).toContain('Words and other words');
    expect(html + text).not.toContain(HEADING);
  });

  it('is shown without those that turned out to be one with another paper', async () => {
    await compose();
    // One that is gone, and one that now stands among the papers.
    await absorbPaper(site.ctx.db, await idOf('kettles'), await idOf('hammers'));
    await absorbPaper(site.ctx.db, await idOf('dolphins'), await idOf('apples'));
    const named = (await openWebCopy()).split(HEADING)[1] ?? '';
    expect([...named.matchAll(/>Talking about (\w+)<\/a>, \d+ upvotes/g)].map(([, thing]) => thing)).toEqual([
      'earrings',
      'forks',
      'glaciers',
    ]);
  });
});

describe('a weekly digest', () => {
  it('stands by topic in the mail, on the web and in a preview, and a daily one by rank', async () => {
    const hands = ['cups', 'cables', 'cloth', 'glass'].map((thing, at) =>
      makePaper({ title: `Grasping ${thing}`, categories: ['cs.RO'], upvotes: 95 - at * 20 }),
    );
    await storePapers(site.ctx, hands, new Date('2026-11-24T05:00:00Z'));
    const wishes = { topics: ['cs-cl', 'cs-ro'] };
    for (const frequency of ['weekly', 'daily']) {
      reader = await site.addReader(`${frequency}@example.org`, { ...wishes, frequency });
      await site.sql`update subscribers set paper_count = 7 where id = ${reader}`;
      const { html, text } = await sendMail();
      const preview = (await site.postForm('/preview', { ...wishes, frequency })).body;
      const headings = ['Computation and Language', 'Robotics'].map((name) => `>${name}</h`);
      for (const shown of [html, await openWebCopy(), preview]) {
        const grouped = headings.every((heading) => shown.includes(heading));
        expect(grouped).toBe(frequency === 'weekly');
      }
      const ranks = [...text.matchAll(/^ (\d)\. (\w+)/gm)].map(([, rank, word]) => ({
        rank: Number(rank),
        word,
      }));
      expect(ranks.map(({ rank }) => rank).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const words = ranks.map(({ word }) => word);
      const changes = words.filter((word, at) => at > 0 && word !== words[at - 1]).length;
      if (frequency === 'weekly') expect(changes).toBe(1);
      else expect(ranks.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    }
  });
});
