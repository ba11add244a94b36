/** All checks of a set-up, in groups; none of them changes a thing. */
import type { Config } from '../config.ts';
import { parseSmtpServers } from '../mail/smtp-url.ts';
import { checkDatabase } from './database-check.ts';
import type { Dns } from './dns.ts';
import { checkDns } from './dns-checks.ts';
import { type Finding, type FindingGroup, skipped } from './finding.ts';
import { checkQueue } from './queue-check.ts';
import { checkReturns, checkSettings, isReservedDomain } from './settings-checks.ts';
import { checkSite } from './site-check.ts';
import { checkSmtp } from './smtp-check.ts';

export interface Instruments {
  dns: Dns;
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** `database`: its address, or what to say where there is none to ask. */
export async function examine(
  config: Config,
  database: string | Finding,
  instruments: Instruments,
): Promise<FindingGroup[]> {
  const groups: [string, Finding[] | Promise<Finding[]>][] = [
    ['Settings', checkSettings(config)],
    ['Site', checkSite(config, instruments)],
    ['Database and queue', checkStores(config, database, instruments.now)],
    ...mailGroups(config, instruments),
    ['Bounces', checkReturns(config)],
  ];
  return Promise.all(groups.map(async ([title, findings]) => ({ title, findings: await findings })));
}

async function checkStores(config: Config, database: string | Finding, now: () => Date): Promise<Finding[]> {
  if (typeof database !== 'string') return [database];
  const findings = await checkDatabase(database, now);
  // A queue on a database that does not answer would say the same again.
  if (findings[0]?.state !== 'ok') return findings;
  return [...findings, ...(await checkQueue(config, database))];
}

function mailGroups(config: Config, { dns, now }: Instruments): [string, Finding[] | Promise<Finding[]>][] {
  const { mail, smtpUrl } = config;
  if (smtpUrl === null) {
    return [
      [
        'Mail server',
        [skipped('connection', 'mail goes to the local mailbox, /mailbox', 'For real mail, set SMTP_URL.')],
      ],
      ['DNS', [skipped('records', 'not looked up: mail leaves this machine only with SMTP_URL set')]],
    ];
  }
  const servers = parseSmtpServers(smtpUrl) ?? [];
  const records = isReservedDomain(mail.from.domain)
    ? [skipped('records', `not looked up: ${mail.from.domain} has none; set MAIL_FROM first`)]
    : checkDns(
        dns,
        mail,
        servers.map(({ host }) => host),
      );
  return [
    ...servers.map((server): [string, Promise<Finding[]>] => [
      `Mail server ${server.host}:${server.port}`,
      checkSmtp(server, now),
    ]),
    ['DNS', records],
  ];
}
