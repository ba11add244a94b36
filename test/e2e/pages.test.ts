/** A reader's whole story in a real browser, from the front page until all is erased: with and without JavaScript, on a phone and on a desk. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eraseDue } from '../../src/subscribers/erase.ts';
import type { ExportedData } from '../../src/subscribers/export-data.ts';
import { chromiumPath, desk, phone, skippedWithoutBrowser } from '../support/browser.ts';
import { useBrowserSite } from '../support/browser-site.ts';
import { look, pictureOf } from '../support/look.ts';

const browser = useBrowserSite();

/** Someone at one browser. */
interface Reader {
  name: string;
  email: string;
  page: Page;
  scripted: boolean;
  /** Takes a look at the page, and a picture of that name. */
  see(what: string): Promise<void>;
}
type Links = (kind: string) => string;

describe.skipIf(!chromiumPath)(`a reader in a browser${skippedWithoutBrowser}`, () => {
  it.each([
    { name: 'desk', size: desk, colorScheme: 'light' as const, scripted: true },
    { name: 'phone-dark', size: phone, colorScheme: 'dark' as const, scripted: true },
    { name: 'no-script', size: desk, colorScheme: 'light' as const, scripted: false },
    { name: 'phone-no-script', size: phone, colorScheme: 'dark' as const, scripted: false },
  ])(
    'subscribes, reads, edits, leaves, returns, takes the data along and is erased: $name',
    { timeout: 180_000 },
    async ({ name, size, colorScheme, scripted }) => {
      const page = await browser.open({
        ...size,
        colorScheme,
        javaScriptEnabled: scripted,
        timezoneId: 'Asia/Tokyo',
      });
      const strangers: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(browser.site.url)) strangers.push(request.url());
      });
      const email = `${name}@example.org`;
      const see = (what: string) => look(page, `${name}-${what}`, { scripted });
      const reader: Reader = { name, email, page, scripted, see };
      await subscribe(reader);
      const links = await browser.site.linksIn(email, 2);
      const title = await readDigest(reader, links);
      await editWishes(reader, links);
      await findAgain(reader, links, title);
      await leaveAndReturn(reader, links);
      await takeDataAlong(reader, links);
      await eraseAll(reader, links);
      expect(strangers).toEqual([]);
    },
  );
});

async function subscribe({ email, page, scripted, see }: Reader): Promise<void> {
  await page.goto(browser.site.url);
  await see('landing');
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
  await see('check-inbox');

  await page.goto((await browser.site.linksIn(email, 1))('confirm'));
  await see('confirm');
  await page.getByRole('main').getByRole('button').click();
  await page.getByRole('heading', { name: 'You are subscribed' }).waitFor();
}

/** Returns the title of the first paper. */
async function readDigest({ name, page, see }: Reader, links: Links): Promise<string> {
  await page.goto(links('digests'));
  expect(await page.getByText(/^Why:/).count()).toBeGreaterThan(2);
  await see('digest');
  // On paper stands nothing to press, and no link that is signed for its reader.
  await page.emulateMedia({ media: 'print' });
  const printed = page.locator('button, .button, main a[href*="/preferences/"]').filter({ visible: true });
  expect(await printed.count()).toBe(0);
  await page.screenshot({ path: pictureOf(`${name}-digest-printed`), fullPage: true });
  await page.emulateMedia({ media: null });
  const first = page.locator('.paper').first();
  const title = (await first.getByRole('heading').textContent()) ?? '';
  await first.getByRole('button', { name: `More like this ${title}` }).click();
  await first.getByText('You asked for more like this.').waitFor();
  await see('digest-liked');
  await first.getByRole('button', { name: `Undo ${title}` }).click();
  await first.getByRole('button', { name: `More like this ${title}` }).waitFor();

  await page.goto(links('less'));
  await see('less');
  await page.getByRole('button', { name: 'Less like this' }).click();
  await page.getByRole('heading', { name: 'You asked for less like this' }).waitFor();
  await see('less-said');
  return title;
}

async function editWishes({ page, see }: Reader, links: Links): Promise<void> {
  await page.goto(links('preferences'));
  await see('preferences');
  await page.getByLabel(/Keywords/).fill('humanoid robots');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('These choices are not saved yet').waitFor();
  await see('preferences-preview');
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
  await see('papers');
  await page.getByRole('button', { name: 'Remove Sand dunes and how they sing' }).click();
  await page.getByText('1 paper was taken back.').waitFor();
  expect(
    await page
      .locator('#papers')
      .getByRole('button', { name: /^Remove/ })
      .count(),
  ).toBe(1);
}

async function findAgain({ page, see }: Reader, links: Links, title: string): Promise<void> {
  await page.goto(links('preferences'));
  await page.getByRole('link', { name: 'All your digests' }).click();
  await see('history');
  await page.getByRole('link', { name: title.slice(0, 30) }).click();
  await page.getByRole('heading', { level: 1, name: title.slice(0, 30) }).waitFor();
}

async function leaveAndReturn({ email, page, see }: Reader, links: Links): Promise<void> {
  const status = () => browser.site.sql`select status, frequency from subscribers where email = ${email}`;
  await page.goto(links('pause'));
  await page.getByRole('button', { name: 'Pause until then' }).click();
  expect(await page.getByLabel(/until a day/).getAttribute('aria-invalid')).toBe('true');
  await see('pause');
  await page
    .getByLabel(/until a day/)
    .fill(new Date(Date.now() + 40 * 24 * 3600_000).toISOString().slice(0, 10));
  await page.getByRole('button', { name: 'Pause until then' }).click();
  await page.getByRole('heading', { name: 'Your digest is paused' }).waitFor();

  await page.goto(links('unsubscribe'));
  await see('unsubscribe');
  await page.getByRole('button', { name: /^Unsubscribe/ }).click();
  await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
  expect(await status()).toEqual([{ status: 'unsubscribed', frequency: 'daily' }]);
  await page.getByLabel('Too many mails').check();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you.', { exact: true }).waitFor();
  await see('unsubscribed');
  await page.getByRole('button', { name: /^Once a week/ }).click();
  await page.getByText(/^From now on it comes every Monday/).waitFor();
  expect(await status()).toEqual([{ status: 'active', frequency: 'weekly' }]);

  // Someone who leaves by mistake takes that back.
  await page.goto(links('unsubscribe'));
  await page.getByRole('button', { name: /^Unsubscribe/ }).click();
  await page.getByRole('button', { name: 'That was a mistake, undo' }).click();
  await page.getByRole('heading', { name: 'You are subscribed' }).waitFor();
  await see('returned');
  expect(await status()).toEqual([{ status: 'active', frequency: 'weekly' }]);
}

async function takeDataAlong({ email, page }: Reader, links: Links): Promise<void> {
  await page.goto(links('preferences'));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download my data' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('paperboy-export.json');
  const data = JSON.parse(await readFile(await download.path(), 'utf8')) as ExportedData;
  expect(data).toMatchObject({
    format: 'paperboy-export',
    reader: { address: email, status: 'active', leaveReason: null },
    choices: { topics: ['world-models'], keywords: ['humanoid robots'], frequency: 'weekly' },
  });
  expect(data.digests.length).toBeGreaterThan(0);
  await page.getByRole('heading', { name: 'Your data and address' }).waitFor();
}

async function eraseAll({ email, page, see }: Reader, links: Links): Promise<void> {
  const state = () => browser.site.sql`select status, frequency,
    round(extract(epoch from erase_at - now()) / 3600)::int as hours from subscribers where email = ${email}`;
  const kept = [{ status: 'active', frequency: 'weekly', hours: null }];
  const ask = async () => {
    await page.getByRole('link', { name: 'Erase everything' }).click();
    await page.getByRole('heading', { name: 'Erase everything' }).waitFor();
    await see('erase');
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('heading', { name: 'Everything will be erased' }).waitFor();
    expect(await state()).toEqual([{ status: 'unsubscribed', frequency: 'weekly', hours: 24 }]);
  };
  await ask();
  await see('erase-asked');
  await page.getByRole('button', { name: 'Undo, keep everything' }).click();
  await page.getByRole('heading', { name: 'Nothing will be erased' }).waitFor();
  await see('erase-undone');
  expect(await state()).toEqual(kept);
  await page.getByRole('link', { name: 'Back to my preferences' }).click();

  // The preference page has the button too.
  await ask();
  await page.goto(links('preferences'));
  await page.getByText(/^Everything about you will be erased/).waitFor();
  await see('preferences-erasing');
  await page.getByRole('button', { name: 'Undo, keep everything' }).click();
  await page.getByRole('link', { name: 'Back to my preferences' }).click();
  expect(await state()).toEqual(kept);

  await ask();
  await browser.site
    .sql`update subscribers set erase_at = now() - interval '1 second' where email = ${email}`;
  // Or the workers have been quicker.
  await eraseDue(browser.site.ctx);
  expect(await state()).toEqual([]);
  await page.goto(links('preferences'));
  await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await see('erased');
}
