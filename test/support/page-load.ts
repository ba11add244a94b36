/** What loading a page costs a browser: the bytes and rounds before it can paint, all bytes, whom it asked, and what moved. */
import type { Page } from 'playwright-core';
import { vi } from 'vitest';

/** Of one answer, as it came over the wire. */
export interface Loaded {
  url: string;
  type: string;
  /** With its headers. */
  bytes: number;
  /** 1 for the page, 2 for what its HTML names, 3 for what that names. */
  round: number;
  /** The page can't be painted without it. */
  isBlocking: boolean;
}

/** Does `act`, which opens a page, and tells all that was loaded with it. Nothing comes from the cache. */
export async function watchLoad(page: Page, act: () => Promise<unknown>): Promise<Loaded[]> {
  const cdp = await page.context().newCDPSession(page);
  const asked = new Map<string, { url: string; type: string; by: string | undefined }>();
  const received = new Map<string, number>();
  const { frameTree } = await cdp.send('Page.getFrameTree');
  cdp.on('Network.requestWillBeSent', ({ requestId, request, type = 'Other', initiator, frameId }) => {
    // A mail inside the page is another document, which nobody waits for.
    if (frameId === frameTree.frame.id) asked.set(requestId, { url: request.url, type, by: initiator.url });
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    received.set(requestId, encodedDataLength);
  });
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  await act();
  await page.waitForLoadState('load');
  // The last of them are told of a moment later.
  await vi.waitFor(() => {
    const missing = [...asked].filter(([id]) => !received.has(id)).map(([, { url }]) => url);
    if (missing.length > 0) throw new Error(`never came: ${missing.join(', ')}`);
  });

  const deferred = new Set(
    await page.locator('script:is([defer], [async], [type=module])').evaluateAll(urlsOfScripts),
  );
  const all = [...asked.values()];
  const roundOf = (url: string | undefined): number => {
    const request = all.find((each) => each.url === url);
    return request ? 1 + (request.type === 'Document' ? 0 : roundOf(request.by)) : 0;
  };
  const loaded: Loaded[] = [];
  for (const [id, { url, type }] of asked) {
    loaded.push({
      url,
      type,
      bytes: received.get(id) ?? 0,
      round: roundOf(url),
      isBlocking: BLOCKING.has(type) && !deferred.has(url),
    });
  }
  await cdp.detach();
  return loaded;
}

const BLOCKING = new Set(['Document', 'Stylesheet', 'Font', 'Script']);

/** Runs in the page. */
const urlsOfScripts = (scripts: unknown[]): string[] =>
  scripts.map((script) => (script as { src: string }).src);

/** What moved since the page was opened, each by its share of the screen, and where from; also what moved right behind a key or click. */
export async function shiftsOf(page: Page): Promise<{ share: number; moved: string[] }[]> {
  return page.evaluate(`new Promise((resolve) => {
    // What is about to move has moved two frames later.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const observer = new PerformanceObserver(() => {});
      observer.observe({ type: 'layout-shift', buffered: true });
      resolve(observer.takeRecords().map(({ value, sources }) => ({
        share: value,
        moved: sources.map(({ node, previousRect: from, currentRect: to }) =>
          [node?.outerHTML ?? node?.textContent ?? '', from.x, from.y, from.width, from.height, 'to', to.x, to.y, to.width, to.height]
            .map((part) => String(part).slice(0, 80)).join(' ')),
      })));
    }));
  })`);
}
