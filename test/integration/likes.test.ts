/** Papers a reader likes already: added on the preference page by id or as a bibliography, and nothing lost on the way. */
import { describe, expect, it } from 'vitest';
import { useLikes } from '../support/likes.ts';

const likes = useLikes();
const { get, likedBy } = likes;

const papers = () => likes.site.sql`select id::int, title, first_seen_at from papers order by id`;

/** Posts what the form of the page would, with a file or without one, as a browser does. */
async function add(
  liked: string,
  file?: { name: string; bytes: string | Buffer },
  to = likes.url,
  remoteAddress = '127.0.0.1',
) {
  const form = new FormData();
  form.append('liked', liked);
  form.append('bib', new Blob([file?.bytes ?? '']), file?.name ?? '');
  const request = new Request('http://paperboy.localhost/', { method: 'POST', body: form });
  return likes.site.app.inject({
    method: 'POST',
    url: `${to}/like`,
    remoteAddress,
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    payload: Buffer.from(await request.arrayBuffer()),
  });
}
const bib = (text: string | Buffer) => ({ name: 'mine.bib', bytes: text });

describe('the preference page', () => {
  it('says that nothing was liked yet, and lists what was', async () => {
    expect(await get(likes.url)).toContain('None yet.');
    await likes.site
      .sql`insert into feedback select ${likes.id}, id, case when arxiv_id = '2611.00001' then 'liked' else 'disliked' end, now()
      from papers where arxiv_id like '2611.0000%'`;
    const page = await get(likes.url);
    expect(page).not.toContain('None yet.');
    expect(page).toMatch(
      /More like these[\s\S]*Hands that &lt;feel&gt;<\/a>[\s\S]*Less like these[\s\S]*Legs that run/,
    );
  });

  it('adds papers by id, DOI and link, and says of each other entry what is the matter', async () => {
    const { statusCode, body } = await add(
      'https://arxiv.org/pdf/2611.00001v2, https://doi.org/10.1145/11.22\n2401.09999\nmy <thesis>',
    );
    expect(statusCode).toBe(200);
    expect(body).toContain(
      '2 papers added, 1 not known here yet: 2401.09999, 1 not understood: my &lt;thesis&gt;.',
    );
    expect(body).toContain('>2401.09999\nmy &lt;thesis&gt;</textarea>');
    expect(await likedBy(likes.id)).toEqual(['Hands that <feel>', 'Legs that run far and wide']);
    expect((await add('2611.00001')).body).toContain('0 papers added, 1 liked before.');
  });

  it('says when the likes show, also to who has paused or left', async () => {
    const said = async (paper: string) => {
      const { body } = await add(paper);
      return /[^>.]*leans? towards papers like these\./.exec(body)?.[0].trim();
    };
    expect(await said('2611.00001')).toBe('Your next digest leans towards papers like these.');
    await likes.site.postForm(likes.site.path('pause', likes.id), { until: 'date', date: '2026-12-24' });
    expect(await said('2611.00002')).toBe(
      'Your digest is paused until 24 December 2026, and the first one after that leans towards papers like these.',
    );
    await likes.site.postForm(likes.site.path('unsubscribe', likes.id), {});
    await likes.site.sql`delete from feedback where subscriber_id = ${likes.id}`;
    expect(await said('2611.00001')).toBe(
      'No digest comes to you now; the next one that does leans towards papers like these.',
    );
  });

  it('takes back one paper, or all that were added at once', async () => {
    await add('2611.00001');
    likes.site.clock.advance(1000);
    const { body } = await add(
      '',
      bib('@article{a, title={An old and quiet paper on sand}, author={Sandy Dune}, year=1987}'),
    );
    const [, givenAt = ''] = /name="givenAt" value="([^"]+)"/.exec(body) ?? [];
    const undone = await likes.site.postForm(`${likes.url}/forget`, { givenAt });
    expect(undone.body).toContain('1 paper was taken back.');
    expect(await likedBy(likes.id)).toEqual(['Hands that <feel>']);
    const [, paper = ''] = /name="paper" value="(\d+)"/.exec(undone.body) ?? [];
    expect((await likes.site.postForm(`${likes.url}/forget`, { paper })).body).toContain('None yet.');
    expect(await likedBy(likes.id)).toEqual([]);
    expect((await likes.site.postForm(`${likes.url}/forget`, { paper })).body).toContain('taken back before');
    expect((await likes.site.postForm(`${likes.url}/forget`, { paper: '1 or 1' })).statusCode).toBe(400);
    expect((await likes.site.postForm(`${likes.url}/forget`, {})).statusCode).toBe(400);
  });

  it('reads a bibliography: known papers are found by id or title, others are kept for comparing', async () => {
    const { body } = await add(
      '',
      bib(`@misc{a, title={Hands that feel, again}, eprint={2611.00001}, archivePrefix={arXiv}}
        @article{b, title={Legs that run far and wide}, author={Runner, Ada}, year=2026}
        @article{c, title={Deep residual learning of sand dunes}, author={Dune, Sandy}, year=2015, doi={10.1000/sand}}
        @proceedings{d, title={All of them}}`),
    );
    expect(body).toContain('3 papers added.');
    expect(body).toContain('1 of the file’s entries could not be read as papers.');
    expect(await likedBy(likes.id)).toEqual([
      'Deep residual learning of sand dunes',
      'Hands that <feel>',
      'Legs that run far and wide',
    ]);
    const other = await likes.site.addReader('second@example.org');
    await add('10.1000/sand', undefined, likes.site.path('preferences', other));
    expect(await likedBy(other)).toEqual(['Deep residual learning of sand dunes']);
  });

  it('changes no paper that a source has told of, whatever a bibliography says', async () => {
    const before = await papers();
    await add(
      '',
      bib(`@article{a, title={Buy now}, author={Mallory}, eprint={2611.00001v99}, archivePrefix={arXiv}, doi={10.1145/11.22}, year=1700}
        @article{b, title={Legs that run far and wide}, author={Runner, Ada}, doi={10.1145/11.22}, eprint={2611.00001}, archivePrefix={arXiv}, year=1700}`),
    );
    expect(await papers()).toEqual(before);
  });

  it('refuses a file that is too large, a second file, and nothing at all, and keeps what was typed', async () => {
    const large = await add('2611.00001', bib(Buffer.alloc(1024 * 1024 + 1, 'x')));
    expect([large.statusCode, large.body.includes('more than 1 MB')]).toEqual([400, true]);
    expect(large.body).toContain('>2611.00001</textarea>');
    const nothing = await add(' \n');
    expect([nothing.statusCode, nothing.body.includes('Paste the ids of papers')]).toEqual([400, true]);
    const noise = await add('', bib(Buffer.from([0, 255, 254, 1, 2, 3])));
    expect(noise.body).toContain('The file holds no BibTeX entries.');
    const two = new FormData();
    for (const name of ['one.bib', 'two.bib']) two.append('bib', new Blob(['@misc{a, title={x}}']), name);
    const request = new Request('http://paperboy.localhost/', { method: 'POST', body: two });
    const answer = await likes.site.app.inject({
      method: 'POST',
      url: `${likes.url}/like`,
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      payload: Buffer.from(await request.arrayBuffer()),
    });
    expect(answer.statusCode).toBe(413);
    expect(await likedBy(likes.id)).toEqual([]);
  });

  it('adds what is new in a list that was uploaded before, up to what a profile holds', async () => {
    const entry = (at: number) =>
      `@misc{k${at}, title={Singing sand number ${at} of many}, author={Dune, Sandy}}`;
    const list = (from: number, to: number) =>
      bib(Array.from({ length: to - from }, (_, at) => entry(from + at)).join('\n'));
    expect((await add('', list(0, 1995))).body).toContain('1,995 papers added.');
    expect((await add('', list(0, 1997))).body).toContain('2 papers added, 1,995 liked before.');
    const over = (await add('', list(1990, 2010))).body;
    expect(over).toContain('3 papers added, 7 liked before.');
    expect(over).toContain('10 papers left out: a profile holds 2,000.');
    expect(over).toContain('1,500 older papers count too and are not listed.');
  });

  it('is spared a flood of files from one address, while ids are still taken', async () => {
    const from = '192.0.2.7';
    const statuses: number[] = [];
    for (let sent = 0; sent < 21; sent += 1)
      statuses.push((await add('', bib('@misc{a}'), likes.url, from)).statusCode);
    expect(statuses.slice(0, 20).every((status) => status === 200)).toBe(true);
    expect(statuses[20]).toBe(429);
    expect((await add('2611.00001', undefined, likes.url, from)).statusCode).toBe(200);
  });

  it('takes an upload by a good link alone, and as an upload alone', async () => {
    const before = await likes.site.dump();
    for (const purpose of ['pause', 'unsubscribe', 'confirm'] as const) {
      const token = likes.site.path(purpose, likes.id).split('/')[2] ?? '';
      expect((await add('2611.00001', undefined, `/preferences/${token}`)).statusCode).toBe(404);
    }
    expect((await likes.site.postForm(`${likes.url}/like`, { liked: '2611.00001' })).statusCode).toBe(415);
    expect((await likes.site.app.inject({ url: `${likes.url}/like` })).statusCode).toBe(404);
    const part = (name: string) => `--x\r\nContent-Disposition: form-data; name="${name}"`;
    for (const [boundary, payload] of [
      ['', '--x'],
      ['; boundary=x', ''],
      ['; boundary=x', `${part('liked')}\r\n\r\n2611.00001`],
      ['; boundary=x', `${part('bib')}; filename="a.bib"\r\n\r\n@misc{a, title={x}}`],
      ['; boundary=x', `${part('__proto__')}\r\n\r\nx\r\n--x--`],
    ] as const) {
      const headers = { 'content-type': `multipart/form-data${boundary}` };
      const answer = await likes.site.app.inject({
        method: 'POST',
        url: `${likes.url}/like`,
        headers,
        payload,
      });
      expect([payload, answer.statusCode]).toEqual([payload, 400]);
    }
    expect(await likes.site.dump()).toEqual(before);
  });
});
