/** Whether each mail server takes us in, safely. */

import { isThisMachine } from '../mail/hosts.ts';
import { probeSmtp, type SmtpProbe } from '../mail/smtp-probe.ts';
import type { SmtpServer } from '../mail/smtp-url.ts';
import { type Finding, fault, ok, skipped, warning } from './finding.ts';
import { reasonOf } from './reason.ts';

const PATIENCE_MS = 5000;
const DAY_MS = 24 * 3600_000;
const SOON_DAYS = 14;

export async function checkSmtp(server: SmtpServer, now: () => Date): Promise<Finding[]> {
  const probe = await probeSmtp(server, PATIENCE_MS);
  if (probe.failed?.step === 'connection') {
    return [
      fault(
        'connection',
        reasonOf(probe.failed.error),
        'Check host and port in SMTP_URL, and that this network lets that port out; many block port 25.',
      ),
    ];
  }
  return [
    ok('connection', `${server.host}:${server.port} answers`),
    checkEncryption(server, probe, now()),
    ...(probe.failed?.step === 'encryption' ? [] : [checkLogin(server, probe), checkPipelining(probe)]),
  ];
}

function checkEncryption(
  { host, credentials, logsInClear }: SmtpServer,
  { failed, tls }: SmtpProbe,
  now: Date,
): Finding {
  if (failed?.step === 'encryption') {
    const advice = 'Name the server as its certificate does, and see that the certificate is valid.';
    return fault('encryption', `fails: ${reasonOf(failed.error)}`, advice);
  }
  if (tls) {
    const days = Math.floor((tls.certificateEndsAt.getTime() - now.getTime()) / DAY_MS);
    if (days >= SOON_DAYS) return ok('encryption', `${tls.protocol}, the certificate is valid`);
    return warning(
      'encryption',
      `${tls.protocol}, the certificate ends in ${days} days`,
      'Renew it in time.',
    );
  }
  if (isThisMachine(host)) return ok('encryption', 'none, and none needed on one machine');
  const advice = 'Use smtps://, or the port where the server offers STARTTLS (587).';
  return credentials && !logsInClear
    ? fault('encryption', 'none: the password would go over the network in the clear', advice)
    : warning('encryption', 'none: mails go over the network in the clear', advice);
}

function checkLogin({ credentials }: SmtpServer, { failed }: SmtpProbe): Finding {
  if (failed) {
    const advice = 'Check user and password in SMTP_URL; write / as %2F, : as %3A and @ as %40.';
    return fault('login', `fails: ${reasonOf(failed.error)}`, advice);
  }
  return credentials
    ? ok('login', `works`)
    : skipped('login', 'SMTP_URL has no user; the server must let this machine send');
}

function checkPipelining({ pipelining }: SmtpProbe): Finding {
  return pipelining
    ? ok('pipelining', 'offered')
    : warning('pipelining', 'not offered: each mail takes some more round trips', 'Fine for small lists.');
}
