/** The links of real mails: looking changes nothing, the button acts, and one click leaves (RFC 8058). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const ORIGIN = 'https://papers.example.org';
const MULTIPART = [
  '--b0undary',
  'Content-Disposition: form-data; name="List-Unsubscribe"',
  '',
  'One-Click',
  '--b0undary--',
  '',
].join('\r\n');

let site: TestSite;
let id: number;
let count = 0;

beforeAll(async () => {
  site = await createTestSite();
  const papers = [
    makePaper({ title: 'Hands that feel', arxivId: '2611.01234', upvotes: 9, categories: ['cs.RO'] }),
  ];
  await storePapers(site.ctx, papers, site.clock.now());
});
beforeEach(async () => {
  id = await site.addReader(`reader${++count}@example.org`, { topics: ['cs-ro'], hour: 8 });
});
afterAll(() => site.close());

async function stored(subscriberId = id) {
  const [row] = await site.sql`select status, next_due_at, confirmed_at, unsubscribed_at from subscribers
    where id = ${subscriberId}`;
  const consents =
    await site.sql`select action, via from consents where subscriber_id = ${subscriberId} order by id`;
  return { ...row, consents: consents.map(({ action, via }) => `${action} by ${via}`) };
}
const post = (url: string, type?: string, payload?: string) =>
  site.app.inject({ method: 'POST', url, payload, headers: type ? { 'content-type': type } : {} });

describe('following every link of every mail, as scanners do', () => {
  it('changes nothing, by GET or by HEAD', async () => {
    const pending = await site.addPending('pending@example.org');
    await site.postForm('/subscribe', { email: `reader${count}@example.org` });
    await composePage(site.ctx, site.clock.now(), [id]);
    const waiting = await site.sql`select id::int from deliveries where subscriber_id in (${id}, ${pending})`;
    await deliver(
      site.ctx,
      waiting.map((row) => Number(row.id)),
    );
    const mails = await site.sink.parsed();
    expect(mails).toHaveLength(3);

    const links = new Set<string>();
    for (const { html, text, headers } of mails) {
      const all = `${html} ${text} ${JSON.stringify(headers.get('list'))}`;
      for (const [link] of all.matchAll(/https:\/\/papers\.example\.org[\w./#-]*/g)) links.add(link);
    }
    const folders = new Set([...links].map((link) => new URL(link).pathname.split('/')[1]));
    expect([...folders].sort()).toEqual([
      '',
      'confirm',
      'digests',
      'less',
      'more',
      'pause',
      'preferences',
      'unsubscribe',
    ]);

    const before = await site.dump();
    for (const link of links) {
      for (const method of ['GET', 'HEAD'] as const) {
        const { statusCode } = await site.app.inject({ method, url: link.slice(ORIGIN.length) || '/' });
        expect([method, link, statusCode]).toEqual([method, link, 200]);
      }
    }
    expect(await site.dump()).toEqual(before);
  });
});

describe('the button to confirm', () => {
  it('starts the digest at once, and pressed again changes nothing', async () => {
    const pending = await site.addPending(`pending${count}@example.org`);
    const jobs = async () => (await site.dump()).job?.length ?? 0;
    const waitingJobs = await jobs();
    const url = site.path('confirm', pending);
    const first = await post(url);
    expect([first.statusCode, first.body.includes('Your first digest is on its way')]).toEqual([200, true]);
    const now = site.clock.now();
    expect(await stored(pending)).toMatchObject({ status: 'active', confirmed_at: now, next_due_at: now });
    expect(await jobs()).toBe(waitingJobs + 1);
    const before = await site.dump();
    const second = await post(url);
    expect([second.statusCode, second.body.includes('You are subscribed')]).toEqual([200, true]);
    expect(await site.dump()).toEqual(before);
  });

  it('does nothing for someone who left after the mail was sent', async () => {
    const pending = await site.addPending(`changed-mind${count}@example.org`);
    await post(site.path('unsubscribe', pending));
    expect((await post(site.path('confirm', pending))).statusCode).toBe(404);
    expect(await stored(pending)).toMatchObject({ status: 'unsubscribed', confirmed_at: null });
  });
});

describe('one-click unsubscribe', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click', 'one_click'],
    [
      'a form with a charset',
      'application/x-www-form-urlencoded; charset=utf-8',
      'List-Unsubscribe=One-Click',
      'one_click',
    ],
    ['a multipart form', 'multipart/form-data; boundary=b0undary', MULTIPART, 'one_click'],
    ['an empty form', 'application/x-www-form-urlencoded', '', 'link'],
    ['nothing at all', undefined, undefined, 'link'],
  ])('acts at once, twice with 200, without cookie or redirect: %s', async (_name, type, payload, via) => {
    const url = site.path('unsubscribe', id);
    for (const _time of ['first', 'second']) {
      const answer = await post(url, type, payload);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).not.toHaveProperty('set-cookie');
      expect(answer.headers).not.toHaveProperty('location');
      expect(await stored()).toMatchObject({
        status: 'unsubscribed',
        next_due_at: null,
        unsubscribed_at: site.clock.now(),
        consents: ['requested by cli', 'confirmed by cli', `unsubscribed by ${via}`],
      });
    }
  });

  it('works years later, as such a link never runs out', async () => {
    const url = site.path('unsubscribe', id);
    const now = site.clock.now().toISOString();
    site.clock.set('2036-11-24T09:30:00Z');
    expect((await post(url)).statusCode).toBe(200);
    expect(await stored()).toMatchObject({ status: 'unsubscribed' });
    site.clock.set(now);
  });

  it('works for someone who never confirmed, who then can not undo it', async () => {
    const pending = await site.addPending(`never${count}@example.org`);
    const left = await post(site.path('unsubscribe', pending));
    expect([left.statusCode, left.body.includes('undo')]).toEqual([200, false]);
    expect(await stored(pending)).toMatchObject({ status: 'unsubscribed' });
    expect((await post(`${site.path('unsubscribe', pending)}/undo`)).statusCode).toBe(404);
    expect(await stored(pending)).toMatchObject({ status: 'unsubscribed' });
  });
});

describe('undo', () => {
  it('brings a reader back on their schedule', async () => {
    const url = site.path('unsubscribe', id);
    const { body } = await post(url);
    expect(body).toContain(`action="${url}/undo"`);
    const back = await post(`${url}/undo`);
    expect(back.body).toContain('Your next digest comes on Wednesday, 25 November 2026 at 08:00 (UTC).');
    expect(await stored()).toMatchObject({
      status: 'active',
      unsubscribed_at: null,
      next_due_at: new Date('2026-11-25T08:00:00Z'),
    });
    const before = await site.dump();
    expect((await post(`${url}/undo`)).statusCode).toBe(200);
    expect(await site.dump()).toEqual(before);
  });

  it('leaves a pause as it was', async () => {
    await site.postForm(site.path('pause', id), { until: 'resumed' });
    await post(site.path('unsubscribe', id));
    const back = await post(`${site.path('unsubscribe', id)}/undo`);
    expect(back.body).toContain('Your digest is paused');
    expect(await stored()).toMatchObject({ status: 'active', next_due_at: null });
  });

  it('is not a way around the mail to confirm, for someone who asked anew', async () => {
    await post(site.path('unsubscribe', id));
    await site.postForm('/subscribe', { email: `reader${count}@example.org` });
    expect((await post(`${site.path('unsubscribe', id)}/undo`)).statusCode).toBe(404);
    expect(await stored()).toMatchObject({ status: 'pending', next_due_at: null });
  });

  it('does not bring back an address that bounced', async () => {
    const url = site.path('unsubscribe', id);
    await post(url);
    await site.suppress(`reader${count}@example.org`);
    const before = await site.dump();
    expect((await post(`${url}/undo`)).statusCode).toBe(404);
    expect(await site.dump()).toEqual(before);
  });
});
