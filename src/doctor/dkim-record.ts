/** The DNS record of a DKIM key (RFC 6376 3.6.1): written for publishing, and held against what is published. Pure. */
import { createPublicKey } from 'node:crypto';
import { parseTagList } from './tag-list.ts';

/** A TXT record is made of strings of this many octets at most (RFC 1035 3.3.14). */
const MAX_STRING = 255;

export function dkimRecordName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** The TXT value for the public half of a PEM key, private or public. Throws where it can't be read. */
export function writeDkimRecord(pem: string): string {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return `v=DKIM1; k=rsa; p=${der.toString('base64')}`;
}

/** As a zone file has it: the value in strings that are short enough. */
export function writeZoneLine(name: string, value: string): string {
  const strings = value.match(new RegExp(`.{1,${MAX_STRING}}`, 'g')) ?? [];
  return `${name}. IN TXT (\n${strings.map((string) => `    "${string}"`).join('\n')} )`;
}

export type DkimMatch = 'same' | 'other_key' | 'revoked' | 'testing' | 'not_for_us';

/** How a published record stands to the one that `writeDkimRecord` gives for our key. */
export function compareDkimRecord(published: string, own: string): DkimMatch {
  const tags = parseTagList(published);
  const key = (list: Map<string, string>) => (list.get('p') ?? '').replace(/\s+/g, '');
  const allows = (tag: string, ...values: string[]) =>
    (tags.get(tag) ?? '*').split(':').some((value) => ['*', ...values].includes(value.trim().toLowerCase()));
  const forUs =
    (tags.get('v') ?? 'DKIM1') === 'DKIM1' &&
    (tags.get('k') ?? 'rsa').toLowerCase() === 'rsa' &&
    allows('h', 'sha256') &&
    allows('s', 'email');
  if (!forUs) return 'not_for_us';
  if (tags.get('p') === '') return 'revoked';
  if (key(tags) !== key(parseTagList(own))) return 'other_key';
  return (tags.get('t') ?? '').split(':').some((flag) => flag.trim() === 'y') ? 'testing' : 'same';
}
