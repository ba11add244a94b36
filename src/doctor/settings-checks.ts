/** Settings that are fine for a trial and wrong for real mail. Pure. */
import type { Config } from '../config.ts';
import { createSigner, type DkimKey } from '../mail/dkim.ts';
import { isThisMachine } from '../mail/hosts.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { reasonOf } from './reason.ts';

/** Set aside for examples and tests: no mail from them arrives anywhere (RFC 2606, RFC 6761). */
const RESERVED_DOMAIN = /(^|\.)(localhost|local|test|invalid|example|example\.(com|net|org))$/i;

export function isReservedDomain(domain: string): boolean {
  return RESERVED_DOMAIN.test(domain);
}

/** A trial set-up: without a mail server of its own, all mail stays in the local mailbox. */
export function isTrial(config: Pick<Config, 'smtpUrl'>): boolean {
  return config.smtpUrl === null;
}

export function checkSettings(config: Config): Finding[] {
  const { http, mail, secretKey } = config;
  return [
    checkSender(config),
    checkPublicUrl(config),
    ok('SECRET_KEY', secretKey ? 'set' : 'made once and kept in the database; a backup holds it'),
    ok('ADMIN_TOKEN', http.adminToken ? 'set' : 'not set: /metrics answers this machine only'),
    ...(mail.dkim ? [checkDkimKey(mail.dkim)] : []),
  ];
}

function checkSender(config: Config): Finding {
  const { address, domain } = config.mail.from;
  if (!isReservedDomain(domain)) return ok('MAIL_FROM', address);
  const found = `${address} is on a domain that is nobody's`;
  const advice = 'Set MAIL_FROM to an address on a domain of yours, such as Paperboy <digest@your.domain>.';
  return isTrial(config) ? skipped('MAIL_FROM', found, advice) : fault('MAIL_FROM', found, advice);
}

function checkPublicUrl(config: Config): Finding {
  const { protocol, hostname } = new URL(config.publicUrl);
  if (isThisMachine(hostname)) {
    const found = `${config.publicUrl} leads readers to their own machine`;
    const advice =
      'Set PUBLIC_URL to the address of the site, https://…: every link in every mail begins with it.';
    return isTrial(config) ? skipped('PUBLIC_URL', found, advice) : fault('PUBLIC_URL', found, advice);
  }
  if (protocol === 'https:') return ok('PUBLIC_URL', config.publicUrl);
  return warning(
    'PUBLIC_URL',
    `${config.publicUrl} is not https`,
    'Put a proxy with TLS in front: large receivers offer one-click leaving only where it is https.',
  );
}

/** Whether the key can sign at all. */
export function checkDkimKey(dkim: DkimKey): Finding {
  try {
    createSigner(dkim);
    return ok('DKIM_PRIVATE_KEY', `can sign for ${dkim.domain}`);
  } catch (error) {
    return fault('DKIM_PRIVATE_KEY', reasonOf(error), 'Make another: `paperboy dkim generate`.');
  }
}

/** How mail that comes back finds its way here: a listening port, a mailbox, a webhook, or nothing that shows in settings. */
export function checkReturns(config: Config): Finding[] {
  if (isTrial(config)) return [skipped('way in', 'mail stays on this machine, so none comes back')];
  const { bounceDomain, bouncePort, bounceMailbox } = config.mail;
  const ways = [
    ...(bouncePort === null ? [] : [checkBouncePort(bouncePort, config.http.host)]),
    ...(bounceMailbox ? [ok('mailbox', 'read every minute (BOUNCE_IMAP_URL)')] : []),
    ...(Object.values(config.webhooks).some(Boolean)
      ? [ok('webhook', 'a mail provider may report here')]
      : []),
  ];
  if (ways.length > 0) return ways;
  return [
    warning(
      'way in',
      `no setting tells of one: neither port, mailbox nor webhook for bounce+…@${bounceDomain}`,
      'Set BOUNCE_PORT, or have your mail server pass such mail to `paperboy bounce`; if it does, all is well.',
    ),
  ];
}

function checkBouncePort(port: number, host: string): Finding {
  if (!isThisMachine(host)) return ok('port', `the built-in mail server, port ${port}`);
  return warning(
    'port',
    `${port} of ${host}, which no other machine reaches`,
    'Set HOST=0.0.0.0, unless a mail server on this machine passes the mail on.',
  );
}
