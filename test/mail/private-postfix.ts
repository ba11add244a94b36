/** A Postfix of the test's own: on loopback, with its configuration and its queue in a folder that goes with it. It touches nothing of the machine's. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../support/free-port.ts';

export interface PrivatePostfix {
  url: string;
  /** Its log, for the words of a failed test. */
  log(): Promise<string>;
  close(): Promise<void>;
}

const POSTFIX = '/usr/sbin/postfix';

/**
 * Relays what it is given: mail to a domain of `routes` goes to that port of loopback, all other mail nowhere.
 * What can't be delivered for now is tried once more after `giveUpAfterSeconds`, and then comes back.
 */
export async function startPrivatePostfix({
  routes,
  giveUpAfterSeconds,
}: {
  routes: Record<string, number>;
  giveUpAfterSeconds: number;
}): Promise<PrivatePostfix> {
  const folder = await mkdtemp(join(tmpdir(), 'paperboy-postfix-'));
  const config = join(folder, 'config');
  const queue = join(folder, 'queue');
  const data = join(folder, 'data');
  const port = await freePort();
  // Postfix's own user must reach the queue and own its data.
  await chmod(folder, 0o755);
  for (const made of [config, queue, data]) await mkdir(made, { mode: 0o755 });
  const postfixUser = Number(execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' }));
  await chown(data, postfixUser, 0);
  await writeFile(join(config, 'main.cf'), mainCf({ folder, queue, data, routes, giveUpAfterSeconds }));
  await writeFile(join(config, 'master.cf'), masterCf(port));
  const postfix = (command: string) => spawnSync(POSTFIX, ['-c', config, command]).status;
  // In the foreground, so that what ends the tests from the keyboard ends it too.
  const exited = once(spawn(POSTFIX, ['-c', config, 'start-fg'], { stdio: 'ignore' }), 'exit');

  const log = () => readFile(join(folder, 'postfix.log'), 'utf8').catch(() => '');
  function stop(): void {
    postfix('stop');
    rmSync(folder, { recursive: true, force: true });
  }
  // Tests that break off don't leave it behind.
  process.once('exit', stop);
  async function close(): Promise<void> {
    process.off('exit', stop);
    stop();
    await exited;
  }
  try {
    await vi.waitFor(
      async () => {
        if (postfix('status') !== 0) throw new Error(`Postfix does not run: ${await log()}`);
      },
      { timeout: 20_000, interval: 100 },
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `smtp://127.0.0.1:${port}`, log, close };
}

function mainCf(options: {
  folder: string;
  queue: string;
  data: string;
  routes: Record<string, number>;
  giveUpAfterSeconds: number;
}): string {
  const { folder, queue, data, routes, giveUpAfterSeconds } = options;
  const transports = Object.entries(routes).map(
    ([domain, port]) => `{ ${domain} = smtp:[127.0.0.1]:${port} }`,
  );
  return `
compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
maillog_file = ${join(folder, 'postfix.log')}
maillog_file_prefixes = ${folder}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example.com
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
smtpd_tls_security_level = none
default_transport = error:no such domain in this test
transport_maps = inline:{ ${transports.join(', ')} }
maximal_queue_lifetime = ${giveUpAfterSeconds}s
bounce_queue_lifetime = ${giveUpAfterSeconds}s
queue_run_delay = 1s
# The second try is the last. One that comes while the first ends is put off for minutes.
minimal_backoff_time = ${giveUpAfterSeconds + 1}s
maximal_backoff_time = ${giveUpAfterSeconds + 1}s
`;
}

/** No service is chrooted; there is none for local mailboxes. */
function masterCf(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
postlog    unix-dgram n - n - 1 postlogd
pickup     unix n - n 60 1 pickup
cleanup    unix n - n - 0 cleanup
qmgr       unix n - n 300 1 qmgr
rewrite    unix - - n - - trivial-rewrite
bounce     unix - - n - 0 bounce
defer      unix - - n - 0 bounce
trace      unix - - n - 0 bounce
error      unix - - n - - error
retry      unix - - n - - error
smtp       unix - - n - - smtp
showq      unix n - n - - showq
flush      unix n - n 1000? 0 flush
proxymap   unix - - n - - proxymap
scache     unix - - n - 1 scache
anvil      unix - - n - 1 anvil
tlsmgr     unix - - n 1000? 1 tlsmgr
`;
}
