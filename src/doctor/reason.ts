/** Why something did not answer, in a few words. Pure. */
import { describeFault } from '../errors.ts';

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to that machine',
  ENETUNREACH: 'there is no network',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'names can not be looked up now',
  ETIMEDOUT: 'no answer in time',
  ETIMEOUT: 'no answer in time',
  ECANCELLED: 'no answer in time',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refuses to say',
};

/** Looks through wrapping errors, as `fetch` and drivers keep the real one inside; nodemailer keeps its code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { code = '', originalCode = code } = error as Error & { code?: string; originalCode?: string };
  const words = WORDS[originalCode];
  if (words) return words;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? reasonOf(inner) : describeFault(error) || code;
}
