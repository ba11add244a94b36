/** The certificates that Amazon signs with, fetched once for each address. */

/** Amazon changes them every few months; what a stranger makes up is on its own host and must not be asked for much. */
const FETCHES_PER_MINUTE = 10;
const KEPT = 20;
const TIMEOUT_MS = 5000;
const MAX_CHARACTERS = 20_000;

/** PEM, or null where the host has none at this address. Throws where it does not answer. */
export type FetchCertificate = (url: URL) => Promise<string | null>;

export function createCertificateFetch(fetch: typeof globalThis.fetch, now: () => Date): FetchCertificate {
  const kept = new Map<string, string>();
  let minute = 0;
  let fetches = 0;
  return async (url) => {
    const known = kept.get(url.href);
    if (known !== undefined) return known;
    const current = Math.floor(now().getTime() / 60_000);
    fetches = current === minute ? fetches + 1 : 1;
    minute = current;
    if (fetches > FETCHES_PER_MINUTE) return null;
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (!response.ok || text.length > MAX_CHARACTERS) return null;
    if (kept.size >= KEPT) kept.clear();
    kept.set(url.href, text);
    return text;
  };
}
