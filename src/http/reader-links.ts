/** Signed links to a reader's own pages. */
import type { Context } from '../context.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';

type Page = 'preferences' | 'pause' | 'unsubscribe' | 'feed';

export function linkTo({ links }: Context, purpose: Page, { id, tokenVersion }: Subscriber): string {
  return links.url({ purpose, id, version: tokenVersion });
}

/** Where a button brings back someone who left. Without a host, as a page's security policy lets it post to its own alone. */
export function resubscribePath({ links }: Context, { id, tokenVersion }: Subscriber): string {
  return `/unsubscribe/${links.sign({ purpose: 'unsubscribe', id, version: tokenVersion })}/undo`;
}
