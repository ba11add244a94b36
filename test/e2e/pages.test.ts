/** A reader's story in a real browser, with and without JavaScript, on a phone and on a desk; and no page that shuts anyone out. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { projectRoot } from '../../src/project-root.ts';
import { startWorkers } from '../../workers/workers.ts';
import { chromiumPath, openBrowser } from '../support/browser.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { freePort } from '../support/free-port.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where the pictures go, to be looked at. */
const pictures = join(projectRoot, '.pictures');

let test: TestContext;
let app: FastifyInstance;
let site: string;
let workers: { close(): Promise<void> };
let browser: BrowserContext | undefined;

beforeAll(async () => {
  if (!chromiumPath) return;
  await mkdir(pictures, { recursive: true });
  // Links in mails must lead to this very server, whose port is only known once it listens.
  const port = await freePort();
  site = `http://127.0.0.1:${port}`;
  test = await createTestContext({ localMailbox: true, env: { PUBLIC_URL: site, ...nowhere } });
  await seedPapers(test.ctx);
  app = await buildApp(test.ctx);
  await app.listen({ host: '127.0.0.1', port });
  workers = await startWorkers(test.ctx);
});

afterEach(() => browser?.close());

afterAll(async () => {
  await workers?.close();
  await app?.close();
  await test?.close();
});

const nowhere = { HF_BASE_URL: 'http://127.0.0.1:1', ARXIV_BASE_URL: 'http://127.0.0.1:1' };
const phone = { viewport: { width: 360, height: 780 } };
const desk = { viewport: { width: 1280, height: 900 } };
const told = chromiumPath ? '' : ' (skipped: no Chromium)';

describe.skipIf(!chromiumPath)(`a reader in a browser${told}`, () => {
  it.each([
    { name: 'desk', size: desk, colorScheme: 'light' as const, scripted: true },
    { name: 'phone-dark', size: phone, colorScheme: 'dark' as const, scripted: true },
    { name: 'no-script', size: desk, colorScheme: 'light' as const, scripted: false },
  ])(
    'subscribes, confirms, reads, edits and leaves: $name',
    async ({ name, size, colorScheme, scripted }) => {
      browser = await openBrowser({
        ...size,
        colorScheme,
        javaScriptEnabled: scripted,
        timezoneId: 'Asia/Tokyo',
      });
      browser.setDefaultTimeout(10_000);
      const page = await browser.newPage();
      const strangers: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(site)) strangers.push(request.url());
      });
      const email = `${name}@example.org`;

      await page.goto(site);
      await look(page, `${name}-landing`, scripted);
      await page.getByLabel('Email').fill(email);
      // With scripts the filter opens the group, without them a click on its name does.
      if (scripted) await page.getByPlaceholder(/Filter/).fill('world mod');
      else
        await page
          .locator('details', { has: page.locator('[value=world-models]') })
          .locator('summary')
          .click();
      await page.getByRole('checkbox', { name: /^World models/ }).check();
      expect(await page.locator('select[name=timezone]').inputValue()).toBe(scripted ? 'Asia/Tokyo' : 'UTC');
      await page.getByLabel(/Keywords/).fill('tactile sensing');
      await page.getByRole('button', { name: 'Subscribe' }).click();
      await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
      await look(page, `${name}-check-inbox`, scripted);

      await page.goto((await linkFrom(email, 1))('confirm'));
      await look(page, `${name}-confirm`, scripted);
      await page.getByRole('main').getByRole('button').click();
      await page.getByRole('heading', { name: 'You are subscribed' }).waitFor();

      const links = await linkFrom(email, 2);
      await page.goto(links('digests'));
      expect(await page.getByText(/^Why:/).count()).toBeGreaterThan(2);
      await look(page, `${name}-digest`, scripted);
      // On paper stands nothing to press, and no link that is signed for its reader.
      await page.emulateMedia({ media: 'print' });
      const printed = page
        .locator('button, [role=button], main a[href*="/preferences/"]')
        .filter({ visible: true });
      expect(await printed.count()).toBe(0);
      await page.screenshot({ path: join(pictures, `${name}-digest-printed.png`), fullPage: true });
      await page.emulateMedia({ media: null });
      const first = page.locator('.paper').first();
      const title = (await first.getByRole('heading').textContent()) ?? '';
      await first.getByRole('button', { name: `More like this ${title}` }).click();
      await first.getByText('You asked for more like this.').waitFor();
      await look(page, `${name}-digest-liked`, scripted);
      await first.getByRole('button', { name: `Undo ${title}` }).click();
      await first.getByRole('button', { name: `More like this ${title}` }).waitFor();

      await page.goto(links('less'));
      await look(page, `${name}-less`, scripted);
      await page.getByRole('button', { name: 'Less like this' }).click();
      await page.getByRole('heading', { name: 'You asked for less like this' }).waitFor();
      await look(page, `${name}-less-said`, scripted);

      await page.goto(links('preferences'));
      await look(page, `${name}-preferences`, scripted);
      await page.getByLabel(/Keywords/).fill('humanoid robots');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText('These choices are not saved yet').waitFor();
      await look(page, `${name}-preferences-preview`, scripted);
      await page.getByRole('button', { name: /^Save/ }).click();
      expect(await page.getByLabel(/Keywords/).inputValue()).toBe('humanoid robots');

      await page.getByLabel(/Add papers you like/).fill('2401.09999');
      await page.getByLabel(/bibliography/).setInputFiles({
        name: 'mine.bib',
        mimeType: 'application/x-bibtex',
        buffer: Buffer.from('@article{a, title={Sand dunes and how they sing}, author={Dune, Sandy}}'),
      });
      await page.getByRole('button', { name: 'Add papers' }).click();
      await page.getByText('1 paper added, 1 not known here yet: 2401.09999.').waitFor();
      await look(page, `${name}-papers`, scripted);
      await page.getByRole('button', { name: 'Remove Sand dunes and how they sing' }).click();
      await page.getByText('1 paper was taken back.').waitFor();
      expect(
        await page
          .locator('#papers')
          .getByRole('button', { name: /^Remove/ })
          .count(),
      ).toBe(1);

      await page.goto(links('preferences'));
      await page.getByRole('link', { name: 'All your digests' }).click();
      await look(page, `${name}-history`, scripted);
      await page.getByRole('link', { name: title.slice(0, 30) }).click();
      await page.getByRole('heading', { level: 1, name: title.slice(0, 30) }).waitFor();

      await page.goto(links('pause'));
      await page.getByRole('button', { name: 'Pause until then' }).click();
      expect(await page.getByLabel(/until a day/).getAttribute('aria-invalid')).toBe('true');
      await look(page, `${name}-pause`, scripted);
      await page
        .getByLabel(/until a day/)
        .fill(new Date(Date.now() + 40 * 24 * 3600_000).toISOString().slice(0, 10));
      await page.getByRole('button', { name: 'Pause until then' }).click();
      await page.getByRole('heading', { name: 'Your digest is paused' }).waitFor();

      await page.goto(links('unsubscribe'));
      await look(page, `${name}-unsubscribe`, scripted);
      await page.getByRole('button', { name: /^Unsubscribe/ }).click();
      await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
      expect(await test.sql`select status from subscribers where email = ${email}`).toEqual([
        { status: 'unsubscribed' },
      ]);
      await page.getByLabel('Too many mails').check();
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('Thank you.', { exact: true }).waitFor();
      await look(page, `${name}-unsubscribed`, scripted);
      await page.getByRole('button', { name: /^Once a week/ }).click();
      await page.getByText(/^From now on it comes every Monday/).waitFor();
      expect(await test.sql`select status, frequency from subscribers where email = ${email}`).toEqual([
        { status: 'active', frequency: 'weekly' },
      ]);
      expect(strangers).toEqual([]);
    },
  );

  it.each([
    { name: 'desk', size: desk, colorScheme: 'light' as const, scripted: true },
    { name: 'phone-dark', size: phone, colorScheme: 'dark' as const, scripted: true },
    { name: 'no-script', size: desk, colorScheme: 'light' as const, scripted: false },
  ])('sees a digest before subscribing to it: $name', async ({ name, size, colorScheme, scripted }) => {
    browser = await openBrowser({ ...size, colorScheme, javaScriptEnabled: scripted });
    browser.setDefaultTimeout(10_000);
    const page = await browser.newPage();
    await page.goto(site);
    const preview = page.getByRole('region', { name: 'Preview of your digest' });
    expect(await preview.count()).toBe(0);
    const keywords = page.getByLabel(/Keywords/);
    await keywords.fill('world models');
    if (scripted) {
      // By itself, beside the form, which stays where it is.
      const at = (await keywords.boundingBox())?.y;
      await preview.getByText('matches world models').first().waitFor();
      expect((await keywords.boundingBox())?.y).toBe(at);
      expect(await page.getByRole('status').textContent()).toMatch(/^Preview: .+ and \d+ more$/);
      await keywords.fill('a'.repeat(130));
      const problem = page.getByText('Keywords must have at most 120 characters.').first();
      await problem.waitFor();
      expect(await keywords.getAttribute('aria-describedby')).toBe('keywords-error');
      await look(page, `${name}-preview-problem`, scripted, { fullPage: false });
      await keywords.fill('tactile sensing');
      await problem.waitFor({ state: 'detached' });
      expect(await keywords.getAttribute('aria-invalid')).toBeNull();
      await preview
        .getByText(/tactile/i)
        .first()
        .waitFor();
      await look(page, `${name}-preview-live`, scripted, { fullPage: false });
    }
    await keywords.fill('tactile sensing');
    await page.getByRole('button', { name: 'Preview' }).click();
    await preview.getByText(/^Why:/).first().waitFor();
    expect(await preview.getByText(/^Why:/).count()).toBeGreaterThan(2);
    expect(new URL(page.url()).pathname).toBe(scripted ? '/' : '/preview');
    expect(await keywords.inputValue()).toBe('tactile sensing');
    await look(page, `${name}-preview`, scripted, { fullPage: !scripted });
    if (scripted) {
      // The button leads to what it made.
      expect(await page.evaluate('document.activeElement.id')).toBe('preview');
      await expect
        .poll(() => page.evaluate('document.querySelector("#preview").getBoundingClientRect().top'))
        .toBeLessThan(120);
    }
    await page.getByLabel('Email').fill(`${name}-previewed@example.org`);
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect(
      await test.sql`select keywords from profiles join subscribers on id = subscriber_id
        where email = ${`${name}-previewed@example.org`}`,
    ).toEqual([{ keywords: ['tactile sensing'] }]);
  });

  it('keeps what was typed when something is wrong, and says what beside the field', async () => {
    browser = await openBrowser(desk);
    const page = await browser.newPage();
    await page.goto(site);
    await page.getByLabel('Email').fill('nobody');
    await page.getByLabel(/Keywords/).fill('sparse attention');
    await page.getByText('Papers you like').click();
    await page.getByLabel(/arXiv ids/).fill('2406.09246, my thesis');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe('nobody');
    expect(await page.getByLabel('Email').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel(/Keywords/).inputValue()).toBe('sparse attention');
    // It was folded away before.
    expect(await page.getByLabel(/arXiv ids/).inputValue()).toBe('2406.09246, my thesis');
    expect(await page.getByLabel(/arXiv ids/).isVisible()).toBe(true);
    await look(page, 'errors', true);
  });

  it('shows the mail itself in the local mailbox, and opens its links', async () => {
    browser = await openBrowser(desk);
    const page = await browser.newPage();
    const body = new URLSearchParams({ email: 'mailbox@example.org', topics: 'world-models' });
    await fetch(`${site}/subscribe`, { method: 'POST', body });
    await linkFrom('mailbox@example.org', 1);
    await page.goto(`${site}/mailbox`);
    await look(page, 'mailbox', true);
    await page.getByRole('link', { name: 'Confirm your subscription to Paperboy' }).first().click();
    const link = page
      .frameLocator('iframe')
      .getByRole('link', { name: /Confirm/ })
      .first();
    await link.waitFor();
    await look(page, 'mailbox-mail', true);
    // As in a mail program, a link opens beside the mail.
    const [opened] = await Promise.all([browser.waitForEvent('page'), link.click()]);
    await opened.waitForURL(/\/confirm\//);
    expect(await opened.getByRole('main').getByRole('button').count()).toBe(1);
  });
});

/** Takes a picture; where scripts run, also asks axe for what shuts someone out. */
async function look(page: Page, name: string, scripted: boolean, { fullPage = true } = {}): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage });
  const overflow = scripted && (await page.evaluate('document.documentElement.scrollWidth > innerWidth'));
  expect(overflow, `${name} scrolls sideways`).toBe(false);
  if (!scripted) return;
  // Through the debugger, as the page's own policy allows no script from elsewhere.
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run(document, { iframes: false })')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** The links in the `count`th mail to this address, by the first part of their path. */
async function linkFrom(email: string, count: number): Promise<(kind: string) => string> {
  const { mailbox } = test.ctx;
  const mails = await vi.waitFor(
    async () => {
      const found = ((await mailbox?.list()) ?? []).filter(({ to }) => to === email).reverse();
      if (found.length < count) throw new Error(`${found.length} mails to ${email}`);
      return found;
    },
    { timeout: 15_000 },
  );
  const mail = await mailbox?.find(mails[count - 1]?.id ?? '');
  const links = new Map(
    [...(mail?.text ?? '').matchAll(/http:\/\/127\.0\.0\.1:\d+\/([a-z]+)\/[\w.-]+/g)].map(([url, kind]) => [
      kind,
      url,
    ]),
  );
  return (kind) => links.get(kind) ?? '';
}
