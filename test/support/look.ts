/** A look at a page in the browser: a picture of it, whether it scrolls sideways, and whatever axe finds that shuts someone out. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as AxeCore from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = join(projectRoot, '.pictures');

/** Where the picture of that name goes. */
export function pictureOf(name: string): string {
  mkdirSync(pictures, { recursive: true });
  return join(pictures, `${name}.png`);
}

/**
 * Without `scripted`, a picture is all: what asks a page needs scripts. `part` is pictured in place of the screen, or with
 * PICTURES=full the whole page.
 */
export async function look(
  page: Page,
  name: string,
  {
    scripted = true,
    fullPage = process.env.PICTURES === 'full',
    part,
  }: { scripted?: boolean; fullPage?: boolean; part?: Locator } = {},
): Promise<void> {
  if (part) await part.screenshot({ path: pictureOf(name) });
  else await page.screenshot({ path: pictureOf(name), fullPage });
  if (!scripted) return;
  const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  expect(overflow, `${name} scrolls sideways`).toBe(false);
  // Through the debugger, as the page's own policy allows no script from elsewhere.
  await page.evaluate(axe);
  const violations = await page.evaluate(violationsInPage);
  expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** Runs in the page. */
async function violationsInPage(): Promise<{ id: string; nodes: { html: string }[] }[]> {
  const { axe } = globalThis as unknown as { axe: typeof AxeCore };
  const options = { iframes: false, resultTypes: ['violations' as const] };
  return (await axe.run(options)).violations;
}
