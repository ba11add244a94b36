/** More and less like this, from the mail and its web copy: said by a POST alone, once, and taken back at any time. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let digestId: number;
let paperId: number;
let digestPath: string;
let count = 0;

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(
    site.ctx,
    [
      makePaper({ title: 'Hands that <feel>', arxivId: '2611.00001', categories: ['cs.RO'] }),
      makePaper({ title: 'Legs that run', arxivId: '2611.00002', categories: ['cs.RO'] }),
    ],
    site.clock.now(),
  );
});
beforeEach(async () => {
  id = await site.addReader(`reader${++count}@example.org`, { topics: ['cs-ro'] });
  await composePage(site.ctx, site.clock.now(), [id]);
  const [row] = await site.sql`select d.id::int, dp.paper_id::int from digests d
    join digest_papers dp on dp.digest_id = d.id join papers p on p.id = dp.paper_id
    where d.subscriber_id = ${id} and p.arxiv_id = '2611.00001'`;
  digestId = Number(row?.id);
  paperId = Number(row?.paper_id);
  digestPath = site.path('digest', digestId, { version: 0 });
});
afterAll(() => site.close());

const verdicts = async () =>
  (await site.sql`select paper_id::int, verdict from feedback where subscriber_id = ${id}`).map((row) => [
    row.paper_id,
    row.verdict,
  ]);
const linkTo = (purpose: 'more' | 'less') => site.path(purpose, id, { paperId });
const get = async (url: string) => (await site.app.inject({ url })).body;
const post = (url: string, fields: Record<string, string> = {}) => site.postForm(url, fields);

describe('the links in a mail', () => {
  it('stand at every paper, in both parts, for this reader and this paper', async () => {
    const [row] = await site.sql`select id::int from deliveries where digest_id = ${digestId}`;
    await deliver(site.ctx, [Number(row?.id)]);
    const mail = (await site.sink.parsed()).at(-1);
    for (const purpose of ['more', 'less'] as const) {
      const url = `https://papers.example.org${linkTo(purpose)}`;
      expect(mail?.text).toContain(url);
      expect(mail?.html).toContain(`href="${url}"`);
    }
  });

  it('show the paper and one button, and change nothing by being opened', async () => {
    const before = await site.dump();
    for (const [purpose, button] of [
      ['more', 'More like this'],
      ['less', 'Less like this'],
    ] as const) {
      const url = linkTo(purpose);
      for (const method of ['GET', 'HEAD'] as const) {
        expect((await site.app.inject({ method, url })).statusCode).toBe(200);
      }
      const page = await get(url);
      expect(page).toContain('Hands that &lt;feel&gt;');
      expect(page.split('<main')[1]?.match(/<button/g)).toHaveLength(1);
      expect(page).toContain(`>${button}</button>`);
      expect(page).toContain(`<form method="post" action="${url}">`);
    }
    expect(await site.dump()).toEqual(before);
  });

  it('record by a POST what they say, tell what follows, and offer to undo it', async () => {
    const said = await post(linkTo('more'));
    expect(said.statusCode).toBe(200);
    expect(said.body).toContain('Your next digest will lean towards papers like');
    expect(said.body).toContain(`action="${linkTo('more')}/undo"`);
    expect(await verdicts()).toEqual([[paperId, 'liked']]);
    expect(await get(linkTo('more'))).toContain('You asked for more like this');

    const undone = await post(`${linkTo('more')}/undo`);
    expect(undone.body).toContain('Taken back');
    expect(await verdicts()).toEqual([]);
    expect((await post(`${linkTo('more')}/undo`)).statusCode).toBe(200);
  });

  it('say it once, however often they are used, and the other one says the opposite', async () => {
    await post(linkTo('less'));
    const [first] = await site.sql`select created_at from feedback where subscriber_id = ${id}`;
    site.clock.advance(1000);
    await post(linkTo('less'));
    expect(await site.sql`select created_at from feedback where subscriber_id = ${id}`).toEqual([first]);
    expect(await get(linkTo('more'))).toContain('You asked for less like it before');
    expect((await post(linkTo('more'))).body).toContain('lean towards');
    expect(await verdicts()).toEqual([[paperId, 'liked']]);
    expect((await post(linkTo('less'))).body).toContain('lean away from');
    expect(await verdicts()).toEqual([[paperId, 'disliked']]);
  });

  it('work for someone who left, without promising a digest', async () => {
    await post(site.path('unsubscribe', id));
    expect((await post(linkTo('more'))).body).toContain('Should you come back');
    expect(await verdicts()).toEqual([[paperId, 'liked']]);
    expect(await site.sql`select status, next_due_at from subscribers where id = ${id}`).toEqual([
      { status: 'unsubscribed', next_due_at: null },
    ]);
  });
});

describe('the web copy of a digest', () => {
  const token = () => digestPath.split('/')[2] ?? '';

  it('has buttons at every paper, and shows what was said of it', async () => {
    const fresh = await get(digestPath);
    expect(fresh.match(/>More like this</g)).toHaveLength(2);
    expect(fresh.match(/>Less like this</g)).toHaveLength(2);
    expect(fresh).not.toContain('You asked for');
    const answer = await post(linkTo('more'), { digest: token() });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `${digestPath}#paper-${paperId}`]);
    const liked = await get(digestPath);
    expect(liked).toContain('You asked for more like this.');
    expect(liked).toContain(`action="${linkTo('more')}/undo"`);
    expect(liked.match(/>More like this</g)).toHaveLength(1);

    await post(linkTo('less'), { digest: token() });
    expect(await get(digestPath)).toContain('You asked for less like this.');
    const undone = await post(`${linkTo('less')}/undo`, { digest: token() });
    expect(undone.headers.location).toBe(`${digestPath}#paper-${paperId}`);
    expect(await get(digestPath)).toEqual(fresh);
  });

  it('is returned to by its own token, and nothing else is', async () => {
    for (const digest of ['https://evil.example', '//evil.example', linkTo('more').split('/')[2] ?? '', '']) {
      const answer = await post(linkTo('more'), { digest });
      expect([answer.statusCode, answer.headers.location]).toEqual([200, undefined]);
    }
  });
});

describe('what readers said', () => {
  it('goes with the reader', async () => {
    await post(linkTo('more'));
    await site.sql`delete from subscribers where id = ${id}`;
    expect(await verdicts()).toEqual([]);
  });
});
