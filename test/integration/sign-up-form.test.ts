/** The sign-up form as browsers send it: with a bibliography, with none, and with little script of our own. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';
import { readForm } from '../support/html-form.ts';
import { KNOWN, list, useSignUpForm } from '../support/sign-up-form.ts';
import type { TestSite } from '../support/site.ts';

let site: TestSite;
const { fresh, post, likedBy } = useSignUpForm((opened) => {
  site = opened;
});

describe('a bibliography', () => {
  it('counts as liked when subscribing, and the page says which entries were understood', async () => {
    const email = fresh();
    const { statusCode, headers, body } = await post('/subscribe', { email, liked: '2401.09999' }, [list]);
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toContain('<b>mine.bib</b>: 2 papers, 2 entries not understood');
    expect(body).toContain('<li>Singing &lt;b&gt;sand&lt;/b&gt; dunes</li>');
    expect(body).toContain('line 3, all: a proceedings is not a paper');
    expect(body).toMatch(/line 4[^<]*: it has no title/);
    expect(body).not.toMatch(/<b>sand|<i>none/);
    expect(body).toContain('not known here yet: 2401.09999');
    expect(body).not.toContain(email);
    expect(await likedBy(email)).toEqual(['Singing <b>sand</b> dunes', KNOWN]);
  });

  it('counts in the preview, which stores nothing', async () => {
    const before = await site.dump();
    const like = {
      bytes: '@article{a, title={Walking gaits for legged robots in mud}, author={Dune, Sandy}}',
    };
    const part = await post('/preview', {}, [like], { part: true });
    expect(part.statusCode).toBe(200);
    expect(part.body).toContain('<b>mine.bib</b>: 1 paper</span>');
    expect(part.body).toContain('like “Walking gaits for legged robots in mud”, which you liked');
    const page = await post('/preview', {}, [like]);
    expect(page.body).toContain('which you liked');
    expect(page.body).toContain('Please choose <b>mine.bib</b> again');
    expect(await site.dump()).toEqual(before);
  });

  it('changes nothing of what others get, and brings none of its papers', async () => {
    const ask = async () =>
      (await post('/preview', { keywords: 'tactile skins' }, undefined, { part: true })).body;
    const front = async () => (await site.app.inject({ url: '/' })).body;
    const before = [await ask(), await front()];
    const news = `@article{n, title={Tactile skins for tactile skins, newer than all}, author={Mallory, M}, year=2026}
@misc{k, title={Buy tactile skins}, eprint={2611.00001}, archivePrefix={arXiv}}`;
    await post('/preview', { keywords: 'tactile skins' }, [{ bytes: news }]);
    await post('/subscribe', { email: fresh() }, [{ bytes: news }]);
    site.clock.advance(6 * 60_000);
    expect([await ask(), await front()]).toEqual(before);
  });

  it('that holds no entries is said to, and the rest is taken', async () => {
    const email = fresh();
    const { body } = await post('/subscribe', { email, liked: '2611.00001' }, [
      { bytes: 'not BibTeX at all', name: '<b>.txt' },
    ]);
    expect(body).toContain('<b>&lt;b&gt;.txt</b>: no BibTeX entries found');
    expect(await likedBy(email)).toEqual([KNOWN]);
  });

  it('of very many papers is taken up to a limit, and the page says where the rest may go', async () => {
    const entry = (at: number) => `@misc{k${at}, title={Humming sand number ${at} of many}}`;
    const bytes = Array.from({ length: 510 }, (_, at) => entry(at)).join('\n');
    const words = '500 papers, 10 left out, which your preferences will take once you have confirmed';
    const email = fresh();
    expect((await post('/preview', {}, [{ bytes }])).body).toContain(words);
    const { body } = await post('/subscribe', { email }, [{ bytes }]);
    expect(body).toContain(words);
    expect(body).toContain('And 450 more.');
    expect((await likedBy(email)).length).toBe(500);
  });

  it('of more than 1 MB is refused beside its field, with what was typed', async () => {
    const before = await site.dump();
    const large = [{ bytes: Buffer.alloc(1024 * 1024 + 1, 'x') }];
    const fields = { email: fresh(), topics: ['cs-ro', 'cs-cl'], keywords: 'dunes' };
    const answer = await post('/subscribe', fields, large);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toMatch(/<p class="problem" id="bib-error">The file has more than 1 MB[^<]+<\/p>/);
    expect(readForm(answer.body)).toMatchObject({
      email: [fields.email],
      topics: expect.arrayContaining(fields.topics),
      keywords: ['dunes'],
    });
    expect((await post('/preview', {}, large, { part: true })).json()).toEqual({
      errors: [{ field: 'bib', message: expect.stringContaining('more than 1 MB') }],
    });
    expect(await site.dump()).toEqual(before);
  });

  it('that came with a mistake elsewhere is asked for again', async () => {
    const { statusCode, body } = await post('/subscribe', { email: 'nobody' }, [list]);
    expect(statusCode).toBe(400);
    expect(body).toContain('Please choose <b>mine.bib</b> again');
    expect(await likedBy('nobody')).toEqual([]);
  });

  it('is one file, in a form that can be read', async () => {
    const before = await site.dump();
    for (const url of ['/subscribe', '/preview']) {
      expect((await post(url, { email: fresh() }, [list, list])).statusCode).toBe(413);
      expect((await post(url, { email: fresh(), keywords: 'a'.repeat(101 * 1024) })).statusCode).toBe(413);
      const many = Array.from({ length: 60 }, () => 'b'.repeat(2000));
      expect((await post(url, { email: fresh(), topics: many })).statusCode).toBe(413);
      for (const payload of [
        '--x',
        '--x\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nx\r\n--x--',
      ]) {
        const headers = { 'content-type': 'multipart/form-data; boundary=x' };
        const answer = await site.app.inject({ method: 'POST', url, headers, payload });
        expect([url, payload, answer.statusCode]).toEqual([url, payload, 400]);
      }
      expect((await site.postJson(url, { email: fresh() })).statusCode).toBe(415);
    }
    expect((await post('/subscribe/again', { email: fresh() })).statusCode).toBe(415);
    expect(await site.dump()).toEqual(before);
  });

  it('is not read for what fills in the field that people do not see', async () => {
    const before = await site.dump();
    const answer = await post('/subscribe', { email: fresh(), website: 'x' }, [list]);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/subscribed']);
    expect(await site.dump()).toEqual(before);
  });

  it('is held back in a flood, where reading it costs something', async () => {
    const statuses = async (url: string, from: string, bytes: string) => {
      const each: number[] = [];
      for (let sent = 0; sent < 21; sent += 1)
        each.push((await post(url, { email: fresh() }, [{ bytes }], { from, part: true })).statusCode);
      return each;
    };
    const twenty = Array(20).fill(200);
    expect(await statuses('/subscribe', '192.0.2.1', '@misc{a}')).toEqual([...twenty, 429]);
    expect(await statuses('/preview', '192.0.2.2', '@misc{a}')).toEqual([...twenty, 200]);
    expect(await statuses('/preview', '192.0.2.3', `@misc{a}${' '.repeat(33_000)}`)).toEqual([
      ...twenty,
      429,
    ]);
  });
});

describe('a form without a file', () => {
  it('does the same in both kinds', async () => {
    const [one, other] = [fresh(), fresh()];
    const fields = {
      topics: ['cs-ro'],
      keywords: 'tactile, dunes',
      liked: '2611.00001\n2401.09999',
      hour: '6',
    };
    const plain = await site.postForm('/subscribe', { email: one, ...fields });
    const upload = await post('/subscribe', { email: other, ...fields });
    for (const { statusCode, headers } of [plain, upload])
      expect([statusCode, headers.location]).toEqual([303, '/subscribed?notKnown=2401.09999']);
    const stored = (email: string) => site.sql`select hour, p.keywords, t.slug from subscribers s
      join profiles p on p.subscriber_id = s.id join profile_topics st on st.subscriber_id = s.id
      join topics t on t.id = st.topic_id where email = ${email}`;
    expect(await stored(other)).toEqual(await stored(one));
    expect(await likedBy(other)).toEqual(await likedBy(one));
    expect((await stored(one)).length).toBe(1);
  });
});

it('costs a visitor less than 15 KB of our own script', () => {
  const folder = join(projectRoot, 'templates', 'assets');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const sizes = scripts.map((name) => statSync(join(folder, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(15 * 1024);
});
