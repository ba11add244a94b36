/** Whatever a source yields, page by page, as a list. */
import type { SourcePage } from '../../src/papers/sources/source.ts';

/** The first `atMost` pages; a source that never ends is left at a thousand. */
export async function pagesOf(pages: AsyncIterable<SourcePage>, atMost = 1_000): Promise<SourcePage[]> {
  const all: SourcePage[] = [];
  for await (const page of pages) {
    all.push(page);
    if (all.length === atMost) break;
  }
  return all;
}
