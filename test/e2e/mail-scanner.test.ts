/** Programs that open every link of a mail before its reader does: none of them confirms, judges, pauses or leaves for anyone. */
import { decodeHTML } from 'entities';
import type { ParsedMail } from 'mailparser';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { chromiumPath, openBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { fewPapers, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let test: TestSite;
let site: string;
/** As they stand in the mails. */
let inMails: string[];
/** Those, and what the pages behind them lead to. */
let all: string[];
let before: unknown;

beforeAll(async () => {
  // Links in mails must lead to this very server, whose port is only known once it listens.
  const port = await freePort();
  site = `http://127.0.0.1:${port}`;
  test = await createTestSite({ env: { PUBLIC_URL: site } });
  await test.app.listen({ host: '127.0.0.1', port });
  await storePapers(test.ctx, fewPapers, test.clock.now());
  const id = await test.addReader('reader@example.org', { topics: ['cs-ro'], keywords: ['robots'] });
  await test.addPending('pending@example.org');
  await test.postForm('/subscribe', { email: 'reader@example.org' });
  await test.postForm(`${test.path('preferences', id)}/address`, { email: 'new@example.org' });
  await composePage(test.ctx, test.clock.now(), [id]);
  const deliveries = await test.sql`select id::int from deliveries`;
  await deliver(
    test.ctx,
    deliveries.map((delivery) => Number(delivery.id)),
  );
  const mails = await test.sink.parsed();
  inMails = [...new Set(mails.flatMap(linksOfMail))];
  before = await test.dump();
  const pages = await Promise.all(
    inMails.map(async (url) => linksOfPage(await (await fetch(url)).text(), url)),
  );
  all = [...new Set([...inMails, ...pages.flat()])];
  expect(new Set(mails.map(({ subject }) => subject)).size).toBe(4);
});
// The promise of this whole file.
afterEach(async () => {
  expect(await test.dump()).toEqual(before);
});
afterAll(() => test?.close());

/** In both bodies and in the headers that mail programs act on. */
function linksOfMail({ html, text, headerLines }: ParsedMail): string[] {
  const headers = headerLines.filter(({ key }) => key.startsWith('list-')).map(({ line }) => line);
  const written = [text ?? '', ...headers].flatMap((part) => part.match(/https?:\/\/[^\s<>"]+/g) ?? []);
  return [...written, ...linksOfPage(html || '', site)].filter((url) => url.startsWith(site));
}

/** Where a page's links, forms and files lead, on this site; without the place in the page. */
function linksOfPage(html: string, base: string): string[] {
  const found = [...html.matchAll(/\s(?:href|src|action|formaction)="([^"]*)"/g)];
  return found
    .map(([, address = '']) => new URL(decodeHTML(address), base))
    .filter(({ origin }) => origin === site)
    .map((url) => url.href.replace(/#.*/, ''));
}

/** What becomes of a link on its way through filters, bots and bad parsers. */
const spoilt: Record<string, (url: string) => string> = {
  'with a query appended': (url) =>
    `${url}${url.includes('?') ? '&' : '?'}utm_source=mail&until=now&confirm=1`,
  'with slashes doubled': (url) => site + url.slice(site.length).replaceAll('/', '//'),
  'with a dot behind': (url) => `${url}.`,
  'with a bracket behind': (url) => `${url})`,
  'with a slash behind': (url) => `${url}/`,
  'in lower case': (url) => url.toLowerCase(),
  'as quoted-printable': (url) => url.replaceAll('=', '=3D').replace(/.{70}/, '$&='),
};

/** The statuses that `method` gets, a few at a time as scanners ask. */
async function statusesOf(method: 'GET' | 'HEAD', urls: readonly string[]): Promise<Map<string, number>> {
  const statuses = new Map<string, number>();
  await shared(urls, async (url) => {
    const response = await fetch(url, { method, headers: { 'user-agent': 'scanner' } });
    await response.arrayBuffer();
    statuses.set(url, response.status);
  });
  return statuses;
}

/** Does it for each of `urls`, six at a time. */
async function shared(urls: readonly string[], act: (url: string) => Promise<void>): Promise<void> {
  const waiting = [...urls];
  const work = async () => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) await act(url);
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

it('the mails hold every kind of link, and each opens a page', async () => {
  const kinds = new Set(inMails.map((url) => new URL(url).pathname.split('/')[1] ?? ''));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['confirm', 'address', 'preferences', 'unsubscribe', 'digests', 'more', 'less']),
  );
  for (const [url, status] of await statusesOf('GET', inMails)) expect([url, status]).toEqual([url, 200]);
});

it.each(['GET', 'HEAD'] as const)(
  'a %s of all of them, and of all that they lead to, changes nothing',
  async (method) => {
    for (const [url, status] of await statusesOf(method, all)) expect(status, url).toBeLessThan(500);
  },
);

it.each(Object.entries(spoilt))('a link %s changes nothing', async (_how, spoil) => {
  for (const [url, status] of await statusesOf('GET', all.map(spoil))) expect(status, url).toBeLessThan(500);
});

it.skipIf(!chromiumPath).each([true, false])(
  `a browser that opens them changes nothing, with JavaScript: %s${skippedWithoutBrowser}`,
  async (javaScriptEnabled) => {
    const browser = await openBrowser({ javaScriptEnabled });
    const acted: string[] = [];
    browser.on('request', (request) => {
      if (!['GET', 'HEAD'].includes(request.method())) acted.push(`${request.method()} ${request.url()}`);
    });
    await shared(all, async (url) => {
      const page = await browser.newPage();
      await page.goto(url, { waitUntil: 'networkidle' }).catch((error: Error) => {
        // What a browser saves and does not show, as feeds.
        if (!error.message.includes('Download is starting')) throw error;
      });
      await page.close();
    });
    await browser.close();
    expect(acted).toEqual([]);
  },
);
