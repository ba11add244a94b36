/** Every page is quick on a slow phone, asks nobody but this site, and stays where it is once it can be read. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { chromiumPath, openBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { listRoutes, type Route } from '../support/list-routes.ts';
import { pictureOf } from '../support/look.ts';
import { type Loaded, shiftsOf, watchLoad } from '../support/page-load.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

/** The network that Lighthouse calls slow 4G: 1.6 Mbit/s, and 150 ms there and back. */
const ROUND_TRIP_MS = 150;
const BYTES_PER_MS = 1_600_000 / 8 / 1000;
/** Before the first byte is asked for, a connection is made. */
const CONNECT_ROUNDS = 1;
/** From here on, people feel that they wait. */
const FIRST_PAINT_MS = 1000;
const WHOLE_PAGE_BYTES = 100 * 1024;
const SCRIPT_BYTES = 15 * 1024;

/** Where no HTML is shown. */
const NO_PAGE =
  /^\/(assets|api|webhooks|healthz|readyz|metrics|favicon|robots|sitemap|preview$)|feed[./]|\/mailbox\/(messages|:id\/)/;
const PHONE = 390;
const DESK = 1280;

interface Visit {
  method: Route['method'];
  pattern: string;
  path: string;
  fields?: Record<string, string>;
}

let test: TestSite;
let routes: Route[];
let site: string;
let visits: Visit[];
let browser: BrowserContext;

beforeAll(async () => {
  if (!chromiumPath) return;
  ({ built: test, routes } = await listRoutes(() => createTestSite({ localMailbox: true })));
  site = await test.app.listen({ host: '127.0.0.1', port: 0 });
  await seedPapers(test.ctx);
  visits = await listVisits();
  browser = await openBrowser();
  browser.setDefaultTimeout(15_000);
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

/** Every page once: the public ones, and those of a reader with a digest behind signed links. */
async function listVisits(): Promise<Visit[]> {
  const { ctx, sql, path } = test;
  const wishes = { topics: ['cs-ro', 'world-models'], keywords: ['robots'] };
  const id = await test.addReader('reader@example.org', wishes);
  const leaverId = await test.addReader('leaver@example.org', wishes);
  const pendingId = await test.addPending('pending@example.org');
  const preferences = path('preferences', id);
  await test.postForm(`${preferences}/address`, { email: 'new@example.org' });
  await composePage(ctx, test.clock.now(), [id]);
  const mails = await sql`select id::int, kind, digest_id::int from deliveries`;
  await deliver(
    ctx,
    mails.map((mail) => Number(mail.id)),
  );
  const [paper] = await sql`select p.id::int, p.arxiv_id from papers p join digest_papers on paper_id = p.id
    where arxiv_id is not null order by length(abstract) desc limit 1`;
  const paperId = Number(paper?.id);
  const digestId = Number(mails.find((mail) => mail.digest_id !== null)?.digest_id);
  const address = (await ctx.mailbox?.list())?.find(({ to }) => to === 'new@example.org');
  const asked = await ctx.mailbox?.find(address?.id ?? '');
  const addressPath = /\/address\/[\w.-]+/.exec(asked?.text ?? '')?.[0] ?? '';
  const get = (pattern: string, path = pattern): Visit => ({ method: 'GET', pattern, path });
  const post = (pattern: string, path: string, fields = {}): Visit => ({
    method: 'POST',
    pattern,
    path,
    fields,
  });
  return [
    get('/'),
    get('/', '/?week=2026-W47'),
    get('/', '/?day=2026-11-23&topic=cs-lg'),
    get('/', '/?day=1999-01-01'),
    get('/subscribed'),
    get('/topics'),
    get('/topics/:slug', '/topics/cs-lg'),
    get('/search'),
    get('/search', '/search?q=learning'),
    get('/papers/*', `/papers/${paper?.arxiv_id}`),
    get('/confirm/:token', path('confirm', pendingId, { expiresAt: new Date('2026-11-30') })),
    get('/digests/:token', path('digest', digestId, { version: 0 })),
    get('/more/:token', path('more', id, { paperId })),
    get('/less/:token', path('less', id, { paperId })),
    get('/preferences/:token', preferences),
    get('/preferences/:token/digests', `${preferences}/digests`),
    get('/preferences/:token/erase', `${preferences}/erase`),
    get('/address/:token', addressPath),
    get('/pause/:token', path('pause', id)),
    get('/unsubscribe/:token', path('unsubscribe', id)),
    get('/unsubscribe/:token', '/unsubscribe/cut-in-two'),
    get('/mailbox'),
    get('/mailbox/:id', `/mailbox/${address?.id}`),
    post('/preview', '/preview', { keywords: 'world models' }),
    post('/subscribe', '/subscribe', { email: 'ada@gmial.com' }),
    post('/confirm/:token', path('confirm', pendingId, { expiresAt: new Date('2026-11-30') })),
    post('/more/:token', path('more', id, { paperId })),
    post('/preferences/:token/preview', `${preferences}/preview`, { keywords: 'world models' }),
    post('/preferences/:token/erase', `${path('preferences', leaverId)}/erase`),
    post('/unsubscribe/:token', path('unsubscribe', leaverId)),
  ];
}

const labelOf = ({ method, pattern, path }: Visit) =>
  pattern.includes(':token') ? `${method} ${pattern}` : `${method} ${path}`;

async function visit(page: Page, { method, path, fields = {} }: Visit): Promise<void> {
  if (method === 'GET') await page.goto(site + path);
  else {
    // The policy of another page would decide where a form may lead.
    await page.goto('about:blank');
    await page.setContent(formOf(site + path, fields));
    await page.getByRole('button').click();
    await page.waitForURL((url) => url.origin === site);
  }
  await page.getByRole('heading', { level: 1 }).waitFor();
}

function formOf(action: string, fields: Record<string, string>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  return `<form method="post" action="${action}">${inputs.join('')}<button>Go</button></form>`;
}

const sum = (loaded: readonly Loaded[]) => loaded.reduce((total, { bytes }) => total + bytes, 0);

function firstPaintMs(loaded: readonly Loaded[]): number {
  const blocking = loaded.filter(({ isBlocking }) => isBlocking);
  const rounds = CONNECT_ROUNDS + Math.max(...blocking.map(({ round }) => round));
  return Math.round(rounds * ROUND_TRIP_MS + sum(blocking) / BYTES_PER_MS);
}

describe.skipIf(!chromiumPath)(`the pages${skippedWithoutBrowser}`, () => {
  it('are all looked at', () => {
    const shown = new Set(visits.map(({ pattern }) => pattern));
    const pages = routes.filter(({ method, pattern }) => method === 'GET' && !NO_PAGE.test(pattern));
    expect(pages.map(({ pattern }) => pattern).filter((pattern) => !shown.has(pattern))).toEqual([]);
  });

  it.each([PHONE, DESK])(
    'ask nobody else, are soon painted and do not move, %i pixels wide',
    { timeout: 240_000 },
    async (width) => {
      const page = await open(width);
      const asked = new Set<string>();
      page.on('request', (request) => asked.add(request.url()));
      const over: string[] = [];
      for (const each of visits) {
        const loaded = await watchLoad(page, () => visit(page, each));
        const shifts = await shiftsOf(page);
        const figures = {
          'ms to the first paint': [firstPaintMs(loaded), FIRST_PAINT_MS],
          'bytes in all': [sum(loaded), WHOLE_PAGE_BYTES],
          'bytes of script': [sum(loaded.filter(({ type }) => type === 'Script')), SCRIPT_BYTES],
          'of the screen moved': [shifts.reduce((total, { share }) => total + share, 0), 0],
        };
        for (const [what, [is = Infinity, most = 0]] of Object.entries(figures)) {
          if (is > most)
            over.push(`${labelOf(each)}: ${is} ${what} ${shifts.flatMap(({ moved }) => moved).join('; ')}`);
        }
      }
      expect(over).toEqual([]);
      const strangers = [...asked].filter(
        (url) => !/^(data|about):/.test(url) && !url.startsWith(`${site}/`),
      );
      expect(strangers).toEqual([]);
      await page.close();
    },
  );

  it('give each part its place before the next has come in', async () => {
    const page = await open(DESK);
    for (const each of visits.filter(({ path }) => path === '/' || path === '/preview')) {
      await visit(page, each);
      const moved = await page.evaluate(`(() => {
        const parts = [...document.querySelector('.front').children];
        const places = () => parts.map((part) => part.getBoundingClientRect().x);
        const whole = places();
        // As while the rest is under way.
        return parts.flatMap((_, at) => {
          parts.slice(at + 1).forEach((part) => part.remove());
          const begun = places().slice(0, at + 1);
          parts.slice(at + 1).forEach((part) => parts[0].parentNode.append(part));
          return begun.flatMap((x, part) => (x === whole[part] ? [] : [parts[part].className]));
        });
      })()`);
      expect([labelOf(each), moved]).toEqual([labelOf(each), []]);
    }
    await page.close();
  });

  it.each([PHONE, DESK])(
    'put the preview beside the form and move nothing, %i pixels wide',
    async (width) => {
      const page = await open(width);
      await page.goto(site);
      const keywords = page.getByLabel(/Keywords/);
      const preview = page.getByRole('region', { name: 'Preview of your digest' });
      await keywords.pressSequentially('world models');
      await preview.getByText('matches world models').first().waitFor();
      await keywords.fill('tactile sensing');
      await preview.getByText('matches tactile sensing').first().waitFor();
      expect(await shiftsOf(page)).toEqual([]);
      await page.screenshot({ path: pictureOf(`preview-${width}`) });
      // It stands where the papers stood, and they come back.
      const papers = page.getByRole('region', { name: 'Trending papers' });
      expect(await papers.isVisible()).toBe(false);
      await page.getByRole('link', { name: 'Trending papers' }).click();
      await papers.waitFor();
      expect(await preview.isVisible()).toBe(false);
      await page.close();
    },
  );
});

/** A page of that width, whose scripts come once it has been painted. */
async function open(width: number): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height: 844 });
  // As on a slow line, where what a script moves has been seen before.
  await page.route(/\.js\b/, async (route) => {
    await page.evaluate(`new Promise((resolve) => {
      new PerformanceObserver(resolve).observe({ type: 'paint', buffered: true });
    })`);
    await route.continue();
  });
  return page;
}
