/** The site for a browser: seeded papers, a port of its own, workers behind it, and a mailbox whose links lead back to it. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { seedPapers } from '../../src/papers/seed-papers.ts';
import { startWorkers } from '../../workers/workers.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { createTestContext, type TestContext } from './context.ts';
import { freePort } from './free-port.ts';

export interface BrowserSite extends TestContext {
  url: string;
  /** The links in the `count`th mail to this address, by the first part of their path; waits for that mail. */
  linksIn(email: string, count: number): Promise<(kind: string) => string>;
}

/** The site for all tests of a file, which each open windows of their own. Without a browser there is none. */
export function useBrowserSite(): {
  readonly site: BrowserSite;
  open(options?: BrowserContextOptions): Promise<Page>;
} {
  let site: BrowserSite | undefined;
  let windows: BrowserContext[] = [];
  beforeAll(async () => {
    if (chromiumPath) site = await openBrowserSite();
  });
  afterEach(async () => {
    await Promise.all(windows.map((window) => window.close()));
    windows = [];
  });
  afterAll(() => site?.close());
  return {
    get site() {
      if (!site) throw new Error('There is no browser, so no site was opened for it.');
      return site;
    },
    async open(options) {
      const window = await openBrowser(options);
      window.setDefaultTimeout(10_000);
      windows.push(window);
      return window.newPage();
    },
  };
}

const nowhere = { HF_BASE_URL: 'http://127.0.0.1:1', ARXIV_BASE_URL: 'http://127.0.0.1:1' };

async function openBrowserSite(): Promise<BrowserSite> {
  // Links in mails must lead to this very server, whose port is only known once it listens.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const test = await createTestContext({ localMailbox: true, env: { PUBLIC_URL: url, ...nowhere } });
  await seedPapers(test.ctx);
  const app = await buildApp(test.ctx);
  await app.listen({ host: '127.0.0.1', port });
  const workers = await startWorkers(test.ctx);
  const { mailbox } = test.ctx;
  return {
    ...test,
    url,
    async linksIn(email, count) {
      const mails = await vi.waitFor(
        async () => {
          const found = ((await mailbox?.list()) ?? []).filter(({ to }) => to === email).reverse();
          if (found.length < count) throw new Error(`${found.length} mails to ${email}`);
          return found;
        },
        { timeout: 15_000 },
      );
      const mail = await mailbox?.find(mails[count - 1]?.id ?? '');
      const found = (mail?.text ?? '').matchAll(/http:\/\/127\.0\.0\.1:\d+\/([a-z]+)\/[\w.-]+/g);
      const links = new Map([...found].map(([link, kind]) => [kind, link]));
      return (kind) => links.get(kind) ?? '';
    },
    async close() {
      await workers.close();
      await app.close();
      await test.close();
    },
  };
}
