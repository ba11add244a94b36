/** A real Chromium: the one that CHROMIUM names, or the machine's own. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Its path, or null where there is none and the tests of pages say that they are skipped. */
export const chromiumPath: string | null = CANDIDATES.find((path) => path !== '' && existsSync(path)) ?? null;

/** What the name of a test says where it can't run. */
export const skippedWithoutBrowser = chromiumPath ? '' : ' (skipped: no Chromium)';

export const phone = { viewport: { width: 360, height: 780 } };
export const desk = { viewport: { width: 1280, height: 900 } };

/** One browser for all tests of a process: to start one takes longer than most of what they do with it. It ends with the process. */
let started: Promise<Browser> | undefined;

/** Opens a window that shares nothing with others, and asks nobody but the page under test. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  started ??= chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      // Chromium's own sandbox does not work for root, as whom containers run.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return (await started).newContext(options);
}
