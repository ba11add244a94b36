/** Whether the envelope sender's domain lets our mail servers send for it. */

import { familyOf } from '../mail/hosts.ts';
import { type Dns, listAddresses, listTxt } from './dns.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import { followSpf, MAX_LOOKUPS, type SpfReach } from './spf-reach.ts';
import { isSpf } from './spf-record.ts';

const AS_PROVIDER_SAYS =
  'as your mail provider says, or with ip4: and the address that your server sends from';

export async function checkSpf(dns: Dns, domain: string, servers: readonly string[]): Promise<Finding[]> {
  const records = (await listTxt(dns, domain)).filter(isSpf);
  if (records.length === 0) {
    return [
      fault(
        'SPF',
        `${domain} has no record`,
        `Publish a TXT record v=spf1 … -all of ${domain}, ${AS_PROVIDER_SAYS}.`,
      ),
    ];
  }
  if (records.length > 1) {
    return [
      fault('SPF', `${domain} has ${records.length} records, which counts as broken`, 'Join them into one.'),
    ];
  }
  const [reach, addresses] = await Promise.all([
    followSpf(dns, domain),
    Promise.all(servers.map((host) => listAddresses(dns, host))),
  ]);
  return [judgeRecord(domain, reach), ...judgeServers(reach, addresses.flat())];
}

function judgeRecord(domain: string, { broken, everybody, lookups }: SpfReach): Finding {
  if (broken.length > 0) {
    const found = `the record of ${broken.join(', ')} is missing, doubled or can't be read`;
    return fault('SPF', found, 'Mend it: receivers take the whole for broken.');
  }
  if (everybody)
    return fault('SPF', `${domain} lets everybody send (+all)`, 'End the record with -all or ~all.');
  if (lookups > MAX_LOOKUPS) {
    return fault(
      'SPF',
      `the record of ${domain} takes more than ${MAX_LOOKUPS} look-ups; receivers take it for broken`,
      'Take out what is not used, or give a subdomain to this mail (BOUNCE_DOMAIN).',
    );
  }
  return ok('SPF', `one record of ${domain}, ${lookups} of ${MAX_LOOKUPS} look-ups`);
}

/** A provider may send from other machines than the one that takes mail from us. */
function judgeServers({ allowed, everybody, unclear }: SpfReach, addresses: readonly string[]): Finding[] {
  if (everybody) return [];
  if (addresses.length === 0) {
    return [ok('SPF covers', "can't tell: the address that your mail server sends from is not known here")];
  }
  const outside = addresses.filter((address) => !allowed.check(address, familyOf(address)));
  if (outside.length === 0) return [ok('SPF covers', `the mail server, ${addresses.join(', ')}`)];
  if (unclear)
    return [ok('SPF covers', `can't tell for ${outside.join(', ')}: the record depends on the mail`)];
  return [
    warning(
      'SPF covers',
      `not ${outside.join(', ')}, where the mail server is`,
      `Fine if it sends from elsewhere; else add it, ${AS_PROVIDER_SAYS}.`,
    ),
  ];
}
