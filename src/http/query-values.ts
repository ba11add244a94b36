/** What stands behind the `?` of an address, which anyone may write. */

/** Fastify's: a name that stands twice is a list. */
export type Query = Record<string, unknown>;

/** The last value, without control characters and cut to `max`; "" where there is none. */
export function queryText(query: Query, name: string, max = 300): string {
  const value = [query[name]].flat().at(-1);
  return typeof value === 'string'
    ? value
        .replace(/\p{Cc}+/gu, ' ')
        .slice(0, max)
        .trim()
    : '';
}

/** A page from 1 to `most`: the first where it is no number, the last where it is beyond. */
export function queryPage(query: Query, most: number): number {
  const page = Number(queryText(query, 'page', 20) || '1');
  return Number.isInteger(page) && page >= 1 ? Math.min(page, most) : 1;
}

/** An address of ours with these parameters; empty ones are left out. */
export function addressWith(path: string, values: Record<string, string>): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString();
  return query ? `${path}?${query}` : path;
}
