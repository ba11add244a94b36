/** The sign-up form in a real browser: chips by keyboard, a bibliography dropped on it, help with a mistyped address; and nothing that jumps. */
import type { FastifyInstance } from 'fastify';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { suggestAddress } from '../../src/mail/address-hint.ts';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { chromiumPath, desk, openBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { look, pictureOf } from '../support/look.ts';
import { shiftsOf } from '../support/page-load.ts';
import { mistypedAddresses, realDomains } from '../support/typed-addresses.ts';

const sizes = [
  { name: 'desk', options: desk },
  { name: 'desk-dark', options: { ...desk, colorScheme: 'dark' as const } },
  { name: 'phone-320', options: { viewport: { width: 320, height: 640 }, hasTouch: true } },
];

let test: TestContext;
let app: FastifyInstance;
let site: string;
let browser: BrowserContext | undefined;

beforeAll(async () => {
  if (!chromiumPath) return;
  test = await createTestContext({ localMailbox: true });
  await seedPapers(test.ctx);
  app = await buildApp(test.ctx);
  site = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => browser?.close());
afterAll(async () => {
  await app?.close();
  await test?.close();
});

async function open(options: BrowserContextOptions = desk, path = '/'): Promise<Page> {
  browser = await openBrowser(options);
  browser.setDefaultTimeout(10_000);
  const page = await browser.newPage();
  await page.goto(site + path);
  return page;
}

const see = (page: Page, name: string) =>
  look(page, `form-${name}`, { part: page.locator('#subscribe, .note').first() });

const bib = {
  name: 'mine.bib',
  mimeType: 'application/x-bibtex',
  buffer: Buffer.from(`@article{sand, title={Singing sand dunes}, author={Dune, Sandy}}
@article{none, author={Dune, Sandy}}`),
};
const focused = (page: Page) =>
  page.evaluate('document.activeElement.textContent || document.activeElement.id');

describe.skipIf(!chromiumPath)(`the sign-up form${skippedWithoutBrowser}`, () => {
  it.each(sizes)(
    'shows chosen topics as chips in a line of their own, and nothing jumps: $name',
    async ({ name, options }) => {
      const page = await open(options);
      const groups = page.locator('.groups');
      const keywords = page.getByLabel(/Keywords/);
      const places = async () =>
        [await groups.boundingBox(), await keywords.boundingBox()].map((box) => box?.y);
      expect(await shiftsOf(page)).toEqual([]);
      await see(page, `${name}-empty`);
      const before = await places();
      const boxes = page.getByRole('checkbox');
      for (let at = 0; at < 6; at += 1) await boxes.nth(at).check();
      expect(await page.getByRole('list', { name: 'Chosen topics' }).getByRole('button').count()).toBe(6);
      expect(await places()).toEqual(before);
      await see(page, `${name}-chips`);
    },
  );

  it('lets the keyboard remove a chip, tells it, and leaves the focus at its neighbour', async () => {
    const page = await open(desk, '/?topic=cs-cl');
    const chips = page.getByRole('list', { name: 'Chosen topics' });
    await page.getByPlaceholder(/Filter/).fill('robotics');
    await page.getByRole('checkbox', { name: /^Robotics/ }).check();
    const names = await chips.getByRole('button').allTextContents();
    expect(names).toEqual(
      [expect.stringMatching(/^Remove .+cs\.CL/), expect.stringMatching(/^Remove Robotics/)].map(
        (each) => each,
      ),
    );
    await chips.getByRole('button', { name: /^Remove .*cs\.CL/ }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('[data-said]').textContent()).toMatch(/cs\.CL\) removed, 1 in all$/);
    expect(await focused(page)).toMatch(/^Remove Robotics/);
    await page.keyboard.press('Space');
    expect(await focused(page)).toBe('topic-filter');
    expect(await page.locator('[name=topics]:checked').count()).toBe(0);
    await page.getByText('None chosen yet.').waitFor();
  });

  it('lists the chosen topics first where there are no scripts', async () => {
    const page = await open({ ...desk, javaScriptEnabled: false }, '/?topic=cs-cl');
    const first = page.locator('.groups details').first();
    expect(await first.locator('summary').textContent()).toContain('Chosen');
    expect(await first.getByRole('checkbox', { checked: true }).count()).toBe(1);
    expect(await page.locator('[value=cs-cl]').count()).toBe(1);
    await page.locator('#subscribe').screenshot({ path: pictureOf('form-no-script') });
  });

  it.each(sizes)(
    'takes a bibliography, previews it and says what was understood: $name',
    async ({ name, options }) => {
      const page = await open(options);
      await page.getByText('Papers you like').click();
      await page.getByLabel(/bibliography/).setInputFiles(bib);
      const preview = page.getByRole('region', { name: 'Preview of your digest' });
      await preview.getByText('1 paper, 1 entry not understood').click();
      await preview.getByText('Singing sand dunes').waitFor();
      await preview.getByText(/line 2, none: it has no title/).waitFor();
      await see(page, `${name}-bib`);
      await preview.screenshot({ path: pictureOf(`form-${name}-bib-preview`) });
      await page.getByLabel('Email').fill(`bib-${name}@example.org`);
      await page.getByRole('button', { name: 'Subscribe' }).click();
      await page.getByText('1 paper, 1 entry not understood').click();
      await see(page, `${name}-bib-sent`);
      expect(
        await test.sql`select p.title from feedback f join papers p on p.id = f.paper_id
        join subscribers s on s.id = f.subscriber_id where s.email = ${`bib-${name}@example.org`}`,
      ).toEqual([{ title: 'Singing sand dunes' }]);
    },
  );

  it('takes a file that is dropped anywhere on the form', async () => {
    const page = await open();
    const data = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(['@article{a, title={Dunes that sing at night}}'], 'dropped.bib'));
      return data;
    })()`);
    await page.dispatchEvent('#keywords', 'dragover', { dataTransfer: data });
    await page.locator('form[data-dropping]').waitFor();
    await page.locator('#subscribe').screenshot({ path: pictureOf('form-dropping') });
    await page.dispatchEvent('#keywords', 'drop', { dataTransfer: data });
    await page.getByRole('region', { name: 'Preview of your digest' }).getByText('dropped.bib').waitFor();
    expect(await page.locator('form[data-dropping]').count()).toBe(0);
    expect(await page.evaluate(`document.querySelector('#bib').files[0].name`)).toBe('dropped.bib');
  });

  it('says beside the field that a file is too large, and keeps the rest', async () => {
    const page = await open();
    await page.getByText('Papers you like').click();
    await page
      .getByLabel(/bibliography/)
      .setInputFiles({ ...bib, buffer: Buffer.alloc(1024 * 1024 + 1, 'x') });
    await page.locator('#bib-error').getByText('more than 1 MB').waitFor();
    await page.getByLabel(/bibliography/).setInputFiles(bib);
    await page.locator('#bib-error').waitFor({ state: 'detached' });
  });

  it.each(sizes)(
    'offers the address that was meant, in a line that was there before: $name',
    async ({ name, options }) => {
      const page = await open(options);
      const email = page.getByLabel('Email');
      const keywords = page.getByLabel(/Keywords/);
      const before = (await keywords.boundingBox())?.y;
      await email.fill('ada.lovelace.of.the.analytical.engine@gmial.com');
      await email.blur();
      const offer = page.getByRole('button', { name: '@gmail.com' });
      await offer.waitFor();
      expect((await keywords.boundingBox())?.y).toBe(before);
      await see(page, `${name}-slip`);
      await offer.click();
      expect(await email.inputValue()).toBe('ada.lovelace.of.the.analytical.engine@gmail.com');
      expect(await offer.count()).toBe(0);
      expect(await focused(page)).toBe('email');
    },
  );

  it('sees the same slips as the server', async () => {
    const page = await open();
    const addresses = [
      ...mistypedAddresses.map(([typed]) => typed),
      ...realDomains.map((domain) => `ada@${domain}`),
    ];
    // Typed and left as above; by the hundred it takes too long through the keyboard.
    const offered = await page.evaluate(`${JSON.stringify(addresses)}.map((address) => {
      const email = document.querySelector('#email');
      email.value = address;
      email.dispatchEvent(new Event('change'));
      return document.querySelector('[data-hint] button')?.textContent ?? null;
    })`);
    expect(offered).toEqual(addresses.map(suggestAddress));
  });

  it.each([true, false])(
    'leads back from a mistyped address to the form with all that was chosen, scripts: %s',
    async (javaScriptEnabled) => {
      const page = await open({ ...desk, javaScriptEnabled }, '/?topic=cs-cl');
      await page.getByLabel('Email').fill('grace@hotmial.com');
      await page.getByLabel(/Keywords/).fill('compilers');
      await page.getByRole('button', { name: 'Subscribe' }).click();
      await page.getByText('grace@hotmial.com').waitFor();
      if (javaScriptEnabled) await see(page, 'slip-sent');
      await page.getByRole('button', { name: 'Correct the address' }).click();
      expect(await page.getByLabel('Email').inputValue()).toBe('grace@hotmail.com');
      expect(await page.getByLabel(/Keywords/).inputValue()).toBe('compilers');
      expect(
        await page
          .locator('[name=topics]:checked')
          .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('value'))),
      ).toEqual(['cs-cl']);
      expect(page.url()).not.toContain('grace');
    },
  );
});
