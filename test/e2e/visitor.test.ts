/** What a visitor may see in a real browser before or without subscribing: the preview, what was wrong in the form, the local mailbox. */
import { describe, expect, it } from 'vitest';
import { chromiumPath, desk, phone, skippedWithoutBrowser } from '../support/browser.ts';
import { useBrowserSite } from '../support/browser-site.ts';
import { look } from '../support/look.ts';

const browser = useBrowserSite();

describe.skipIf(!chromiumPath)(`a visitor in a browser${skippedWithoutBrowser}`, () => {
  it.each([
    { name: 'desk', size: desk, colorScheme: 'light' as const, scripted: true },
    { name: 'phone-dark', size: phone, colorScheme: 'dark' as const, scripted: true },
    { name: 'no-script', size: desk, colorScheme: 'light' as const, scripted: false },
  ])('sees a digest before subscribing to it: $name', async ({ name, size, colorScheme, scripted }) => {
    const page = await browser.open({ ...size, colorScheme, javaScriptEnabled: scripted });
    await page.goto(browser.site.url);
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
      await look(page, `${name}-preview-problem`);
      await keywords.fill('tactile sensing');
      await problem.waitFor({ state: 'detached' });
      expect(await keywords.getAttribute('aria-invalid')).toBeNull();
      await preview
        .getByText(/tactile/i)
        .first()
        .waitFor();
      await look(page, `${name}-preview-live`);
    }
    await keywords.fill('tactile sensing');
    await page.getByRole('button', { name: 'Preview' }).click();
    await preview.getByText(/^Why:/).first().waitFor();
    expect(await preview.getByText(/^Why:/).count()).toBeGreaterThan(2);
    expect(new URL(page.url()).pathname).toBe(scripted ? '/' : '/preview');
    expect(await keywords.inputValue()).toBe('tactile sensing');
    await look(page, `${name}-preview`, { scripted });
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
      await browser.site.sql`select keywords from profiles join subscribers on id = subscriber_id
        where email = ${`${name}-previewed@example.org`}`,
    ).toEqual([{ keywords: ['tactile sensing'] }]);
  });

  it('keeps what was typed when something is wrong, and says what beside the field', async () => {
    const page = await browser.open(desk);
    await page.goto(browser.site.url);
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
    await look(page, 'errors');
  });

  it('shows the mail itself in the local mailbox, and opens its links', async () => {
    const page = await browser.open(desk);
    const body = new URLSearchParams({ email: 'mailbox@example.org', topics: 'world-models' });
    await fetch(`${browser.site.url}/subscribe`, { method: 'POST', body });
    await browser.site.linksIn('mailbox@example.org', 1);
    await page.goto(`${browser.site.url}/mailbox`);
    await look(page, 'mailbox');
    await page.getByRole('link', { name: 'Confirm your subscription to Paperboy' }).first().click();
    const link = page
      .frameLocator('iframe')
      .getByRole('link', { name: /Confirm/ })
      .first();
    await link.waitFor();
    await look(page, 'mailbox-mail');
    // As in a mail program, a link opens beside the mail.
    const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await opened.waitForURL(/\/confirm\//);
    expect(await opened.getByRole('main').getByRole('button').count()).toBe(1);
  });

  it.each([
    { name: 'desk', size: desk, colorScheme: 'light' as const },
    { name: 'phone-dark', size: phone, colorScheme: 'dark' as const },
  ])('reads in German, with papers marked as English: $name', async ({ name, size, colorScheme }) => {
    const page = await browser.open({ ...size, colorScheme, locale: 'de-DE' });
    for (const path of ['/topics', '/topics/cs-lg', '/search?q=learning', '/nowhere']) {
      await page.goto(browser.site.url + path);
      expect(await page.locator('html').getAttribute('lang')).toBe('de');
      await look(page, `${name}-de${path.replace(/\W+/g, '-')}`);
    }
    await page.goto(`${browser.site.url}/search?q=learning`);
    await page
      .getByRole('link', { name: /^Ähnliche/ })
      .first()
      .click();
    expect(await page.getByRole('heading', { level: 1 }).getAttribute('lang')).toBe('en');
    await look(page, `${name}-de-paper`);
  });
});
