/** What no answer to a hostile request may be, in words. */
import type { LightMyRequestResponse } from 'fastify';
import { FORGED_HEADER, MARKUP } from './hostile-values.ts';

const SECURITY_HEADERS = [
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
  'x-frame-options',
];

/** Empty where it is as it should be. */
export function faultsOfAnswer({ statusCode, headers, body }: LightMyRequestResponse): string[] {
  const type = String(headers['content-type'] ?? '');
  const faults: string[] = [];
  if (statusCode >= 500) faults.push(`answers ${statusCode}`);
  for (const name of SECURITY_HEADERS) if (!headers[name]) faults.push(`sets no ${name}`);
  for (const [name, value] of Object.entries(headers)) {
    if (name === FORGED_HEADER || name === 'set-cookie') faults.push(`sets ${name}`);
    if (/[\r\n\0]/.test(String(value))) faults.push(`breaks the line of ${name}`);
  }
  const { location } = headers;
  if (location !== undefined && !/^\/(?![/\\])/.test(String(location))) faults.push(`leads to ${location}`);
  // What stands in CDATA is text.
  const markup = /html/.test(type) ? body : /xml/.test(type) ? body.replace(/<!\[CDATA\[.*?\]\]>/gs, '') : '';
  for (const sign of MARKUP) if (markup.includes(sign)) faults.push(`echoes ${sign}`);
  return faults;
}
