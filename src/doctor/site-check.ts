/** Whether PUBLIC_URL leads to this Paperboy, and whether both have the same time. */
import type { Config } from '../config.ts';
import { compareClocks } from './clock.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { reasonOf } from './reason.ts';

const PATIENCE_MS = 4000;
/** Above this, what is due goes out at a time that readers notice, and DKIM signatures seem to be from the future. */
const CLOCK_LIMIT_S = 60;

/** `GET PUBLIC_URL/healthz`, which answers while a web process lives. */
export async function checkSite(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => Date },
): Promise<Finding[]> {
  const asked = now().getTime();
  try {
    const response = await fetch(`${publicUrl}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = await response.text();
    const between = (asked + now().getTime()) / 2;
    return [readAnswer(response, body), checkClock(response.headers.get('date'), between)];
  } catch (error) {
    return [
      warning(
        'site',
        `no answer from ${publicUrl}: ${reasonOf(error)}`,
        'Start the site; if it runs, look at the proxy, its certificate and the DNS record of that name.',
      ),
    ];
  }
}

function readAnswer({ status, headers }: Response, body: string): Finding {
  if (status === 200 && /"status":\s*"ok"/.test(body)) return ok('site', 'answers at PUBLIC_URL');
  const where = headers.get('location');
  return fault(
    'site',
    where ? `PUBLIC_URL redirects to ${where}` : `what answers at PUBLIC_URL (${status}) is no Paperboy`,
    where
      ? 'Set PUBLIC_URL to where the site really is: a one-click leave follows no redirect.'
      : 'Let PUBLIC_URL lead to the web process, whole paths included.',
  );
}

function checkClock(date: string | null, ownMs: number): Finding {
  const seconds = Math.round((Date.parse(date ?? '') - ownMs) / 1000);
  if (Number.isNaN(seconds)) return skipped('clock of the site', 'it tells no time');
  return compareClocks('clock of the site', seconds, { limit: CLOCK_LIMIT_S, beyond: warning });
}
