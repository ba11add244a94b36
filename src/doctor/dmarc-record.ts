/** DMARC records (RFC 7489): the policy for a domain, and which other domains count as its own. */
import { type Dns, listTxt } from './dns.ts';
import { parseTagList } from './tag-list.ts';

export interface DmarcRecord {
  /** Where it was found: the domain itself or one above it. */
  domain: string;
  /** What receivers do with mail that passes neither by DKIM nor by SPF. */
  policy: 'none' | 'quarantine' | 'reject';
  strictSpf: boolean;
  /** Somebody gets the reports. */
  reports: boolean;
}

export type DmarcAnswer = DmarcRecord | 'none' | 'several' | 'unreadable';

/** Looks at the domain and then above it, as receivers do, but not at a top level. */
export async function findDmarc(dns: Dns, domain: string): Promise<DmarcAnswer> {
  const labels = domain.split('.');
  for (let skip = 0; skip <= Math.max(0, labels.length - 2); skip += 1) {
    const at = labels.slice(skip).join('.');
    const records = (await listTxt(dns, `_dmarc.${at}`)).filter((text) =>
      /^v\s*=\s*DMARC1\s*(;|$)/i.test(text),
    );
    if (records.length > 1) return 'several';
    const [record] = records;
    if (record !== undefined) return parseDmarc(record, { found: at, for: domain }) ?? 'unreadable';
  }
  return 'none';
}

/** Null without a policy that exists. A record from above speaks by `sp` where it has one. */
export function parseDmarc(text: string, domains: { found: string; for: string }): DmarcRecord | null {
  const tags = parseTagList(text);
  const below = domains.found === domains.for ? undefined : tags.get('sp');
  const policy = (below ?? tags.get('p'))?.toLowerCase();
  if (policy !== 'none' && policy !== 'quarantine' && policy !== 'reject') return null;
  return {
    domain: domains.found,
    policy,
    strictSpf: tags.get('aspf')?.toLowerCase() === 's',
    reports: (tags.get('rua') ?? '') !== '',
  };
}

/**
 * Whether mail from `from`, whose record this is, passes by the SPF of `bounce`. Where alignment is relaxed, domains of
 * one owner do, and all that is below the domain of the record has one owner.
 */
export function isSpfAligned(record: DmarcRecord, from: string, bounce: string): boolean {
  if (from === bounce) return true;
  return (
    !record.strictSpf &&
    (bounce.endsWith(`.${record.domain}`) || bounce === record.domain || from.endsWith(`.${bounce}`))
  );
}
