/** What receivers look up of us: every record, asked for at the same time and within a few seconds. */
import type { Config } from '../config.ts';
import { within } from '../within.ts';
import { compareDkimRecord, type DkimMatch, dkimRecordName, writeDkimRecord } from './dkim-record.ts';
import { findDmarc, isSpfAligned } from './dmarc-record.ts';
import { type Dns, listAddresses, listMx, listNames, listTxt } from './dns.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { reasonOf } from './reason.ts';
import { checkDkimKey } from './settings-checks.ts';
import { checkSpf } from './spf-check.ts';

const PATIENCE_MS = 5000;

type MailSettings = Config['mail'];

/** `servers`: host names of the mail servers. A check that gets no answer is a warning. */
export async function checkDns(
  dns: Dns,
  mail: MailSettings,
  servers: readonly string[],
  patienceMs = PATIENCE_MS,
): Promise<Finding[]> {
  const checks: [string, Promise<Finding[]>][] = [
    ['MX', checkMx(dns, mail)],
    ['SPF', checkSpf(dns, mail.bounceDomain, servers)],
    ['DKIM', checkDkim(dns, mail)],
    ['DMARC', checkDmarc(dns, mail)],
    ['PTR', checkPtr(dns, servers)],
  ];
  try {
    const findings = checks.map(([name, check]) =>
      within(patienceMs, check).catch((error: unknown) => [
        warning(name, `could not ask: ${reasonOf(error)}`, 'Run this again where names can be looked up.'),
      ]),
    );
    return (await Promise.all(findings)).flat();
  } finally {
    dns.cancel();
  }
}

async function checkMx(dns: Dns, { bounceDomain }: MailSettings): Promise<Finding[]> {
  const hosts = await listMx(dns, bounceDomain);
  const advice = `Publish an MX record of ${bounceDomain}: bounces go there, and many receivers refuse mail from where none can go back.`;
  if (hosts.includes('')) return [fault('MX', `${bounceDomain} says that it takes no mail`, advice)];
  if (hosts.length > 0) return [ok('MX', `mail to ${bounceDomain} goes to ${hosts.join(', ')}`)];
  const addresses = await listAddresses(dns, bounceDomain);
  if (addresses.length === 0) return [fault('MX', `${bounceDomain} has none, and no address either`, advice)];
  return [
    warning('MX', `${bounceDomain} has none; mail goes to its address, ${addresses.join(', ')}`, advice),
  ];
}

const DKIM_FAULTS: Record<Exclude<DkimMatch, 'same'>, [found: string, advice: string]> = {
  other_key: ['holds another key than DKIM_PRIVATE_KEY', 'Publish what `paperboy dkim show` prints.'],
  revoked: [
    'says that this key is revoked (empty p=)',
    'Make a new key under a new selector: `paperboy dkim generate`.',
  ],
  testing: ['is marked as a test (t=y)', 'Take t=y out of it.'],
  not_for_us: ['is not for RSA keys, SHA-256 or mail', 'Publish what `paperboy dkim show` prints.'],
};

async function checkDkim(dns: Dns, { dkim }: MailSettings): Promise<Finding[]> {
  if (!dkim) {
    const advice = 'Fine if your provider signs with your domain; else make a key: `paperboy dkim generate`.';
    return [warning('DKIM', 'Paperboy does not sign: DKIM_PRIVATE_KEY is not set', advice)];
  }
  // Told among the settings.
  if (checkDkimKey(dkim).state === 'fault') return [];
  const name = dkimRecordName(dkim.selector, dkim.domain);
  const [record, ...others] = await listTxt(dns, name);
  if (record === undefined) {
    return [fault('DKIM', `there is no TXT record ${name}`, 'Publish what `paperboy dkim show` prints.')];
  }
  if (others.length > 0) {
    return [
      fault('DKIM', `there are ${others.length + 1} TXT records ${name}`, 'Leave one, of the key in use.'),
    ];
  }
  const match = compareDkimRecord(record, writeDkimRecord(dkim.privateKey));
  if (match === 'same') return [ok('DKIM', `${name} is published and holds our key`)];
  const [found, advice] = DKIM_FAULTS[match];
  return [(match === 'testing' ? warning : fault)('DKIM', `${name} ${found}`, advice)];
}

async function checkDmarc(dns: Dns, { from, bounceDomain, dkim }: MailSettings): Promise<Finding[]> {
  const record = await findDmarc(dns, from.domain);
  const publish = `Publish a TXT record _dmarc.${from.domain}, to begin with: v=DMARC1; p=none; rua=mailto:postmaster@${from.domain}`;
  if (record === 'none') {
    return [warning('DMARC', `${from.domain} has no record; large receivers ask for one`, publish)];
  }
  if (record === 'several') {
    return [fault('DMARC', 'there are several records, which counts as none', 'Leave one.')];
  }
  if (record === 'unreadable') return [fault('DMARC', 'the record has no policy that exists (p=)', publish)];
  const policy = ok(
    'DMARC',
    `p=${record.policy} at ${record.domain}, ${record.reports ? 'with' : 'without'} reports (rua=)`,
  );
  return [
    policy,
    checkAlignment({ from, bounceDomain, dkim }, isSpfAligned(record, from.domain, bounceDomain)),
  ];
}

/** DMARC passes by either; by DKIM it survives forwarding. Our signatures always name the domain of MAIL_FROM. */
function checkAlignment(
  { from, bounceDomain, dkim }: Pick<MailSettings, 'from' | 'bounceDomain' | 'dkim'>,
  spf: boolean,
): Finding {
  const spfWords = `${bounceDomain} ${spf ? 'counts' : 'does not count'} as ${from.domain} for SPF`;
  if (dkim) return ok('alignment', `by DKIM; ${spfWords}`);
  if (spf) return ok('alignment', `by SPF alone, which forwarding breaks: ${spfWords}`);
  return fault(
    'alignment',
    `Paperboy does not sign, and ${spfWords}`,
    `Set DKIM_PRIVATE_KEY, or a BOUNCE_DOMAIN at or below ${from.domain}.`,
  );
}

/** Of use only where that server sends to receivers itself; a provider looks after its own. */
async function checkPtr(dns: Dns, servers: readonly string[]): Promise<Finding[]> {
  const addresses = (await Promise.all(servers.map((host) => listAddresses(dns, host)))).flat();
  if (addresses.length === 0) {
    return [
      skipped(
        'PTR',
        'if a mail server here sends to receivers itself, its public address needs a PTR record',
      ),
    ];
  }
  const named = await Promise.all(
    addresses.map(async (address) => ({ address, names: await listNames(dns, address) })),
  );
  const words = named
    .map(({ address, names }) => `${address} is ${names.join(', ') || 'nameless'}`)
    .join('; ');
  if (named.every(({ names }) => names.length > 0)) return [ok('PTR', words)];
  return [warning('PTR', words, 'If this server sends to receivers itself, give each address a PTR record.')];
}
