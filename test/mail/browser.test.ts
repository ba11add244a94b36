/** Every mail in Chromium, on a phone and on a desk, in the light and in the dark: axe judges it, nothing is loaded, and nothing leaves the screen. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';
import { openBrowser } from '../support/browser.ts';
import { chromium } from './judges.ts';
import { mailNames, type RealMails, writeRealMails } from './real-mails.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A mail is shown inside of a mail program’s page, whose landmarks they are. */
const JUDGED = JSON.stringify({
  rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } },
});
/** Where the pictures go, to be looked at. */
const pictures = join(projectRoot, '.pictures');
const { present, told } = chromium();

let made: RealMails;
let browser: BrowserContext;

beforeAll(async () => {
  if (!present) return;
  await mkdir(pictures, { recursive: true });
  made = await writeRealMails();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await made?.site.close();
});

describe.skipIf(!present).each(mailNames)(`in Chromium, the mail: %s${told}`, (name) => {
  it.each([
    { width: 320, colorScheme: 'light' as const },
    { width: 320, colorScheme: 'dark' as const },
    { width: 600, colorScheme: 'light' as const },
    { width: 600, colorScheme: 'dark' as const },
  ])(
    'shuts nobody out, loads nothing and fits: $width pixels, $colorScheme',
    async ({ width, colorScheme }) => {
      const page = await browser.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.setContent(made.mails[name].html);
      await page.screenshot({
        path: join(pictures, `mail-${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`),
        fullPage: true,
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      // For the inbox alone.
      expect(await page.locator('.preheader').isVisible()).toBe(false);
      // Nothing is an image, so a reader whose program shows none misses nothing.
      expect(await page.locator('img, svg, video, picture, object, [background]').count()).toBe(0);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate(`axe.run(document, ${JUDGED})`)) as {
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      };
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
      ).toEqual([]);
      expect(asked).toEqual([]);
      await page.close();
    },
  );
});
