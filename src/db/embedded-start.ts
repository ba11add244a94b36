/**
 * Brings up the Postgres of a database folder, after whatever happened to the last one: taken over if it
 * still runs, waited for while its remains die, and started on a free port of 127.0.0.1 otherwise.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Account } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';
import { type Cluster, readPassword } from './embedded-cluster.ts';
import { findPostmaster, type Postmaster, stopPostmaster, waitForAnswer } from './embedded-postmaster.ts';
import { isPostmasterOf, listOrphanedBackends, pidExists, signalProcess } from './embedded-process.ts';

interface Start {
  cluster: Cluster;
  binaries: Binaries;
  account: Account | undefined;
  say: (sentence: string) => void;
}

/** What Postgres logs when the port was taken meanwhile, or the remains of a killed one are still dying. */
const PASSING_TROUBLE =
  /could not create any TCP\/IP sockets|pre-existing shared memory block|lock file .* already exists/;
const PASSING_TIMEOUT_MS = 30_000;
/** Long enough for idle backends to notice that their main process is dead; busy ones have to be told. */
const ORPHAN_GRACE_MS = 1000;
const LOG_MAX_BYTES = 5_000_000;
/** No symbolic links: root may be writing into a folder that another account owns. Unknown on Windows. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '96MB',
  huge_pages: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  cluster_name: 'paperboy',
};

/** Returns once it answers queries. Throws EMBEDDED_POSTGRES_FAILED, quoting the end of Postgres' log. */
export async function startPostmaster(start: Start): Promise<Postmaster> {
  const { cluster, account, say } = start;
  const password = await readPassword(cluster);
  await chmod(cluster.pgData, 0o700);
  await rotateLog(cluster.logFile);
  const startedAt = performance.now();
  for (;;) {
    const adopted = await adoptPostmaster(start, password);
    if (adopted) return adopted;
    await disownStalePid(cluster.pgData);
    const outcome = await launch(start, password);
    if (typeof outcome !== 'string') return outcome;
    const elapsedMs = performance.now() - startedAt;
    if (!PASSING_TROUBLE.test(outcome) || elapsedMs > PASSING_TIMEOUT_MS) {
      const who = account ? ` as uid ${account.uid}` : '';
      throw new AppError(
        'EMBEDDED_POSTGRES_FAILED',
        `Postgres did not start${who}; its log ${cluster.logFile} ends: ${outcome.trim().split('\n').slice(-5).join('\n')}`,
      );
    }
    if (elapsedMs > ORPHAN_GRACE_MS) {
      const orphans = await listOrphanedBackends(cluster.pgData);
      // Never under a living main process, which would restart everything.
      if (orphans.length > 0 && !(await findPostmaster(cluster.pgData))) {
        say(`Ending ${orphans.length} processes that a killed Postgres left behind in ${cluster.pgData}.`);
        for (const pid of orphans) signalProcess(pid, 'SIGKILL');
      }
    }
    await pause(100);
  }
}

/** The Postgres that a killed Paperboy left running is good to use; one that does not answer is stopped. */
async function adoptPostmaster(start: Start, password: string): Promise<Postmaster | undefined> {
  const { cluster, binaries, say } = start;
  const orphan = await findPostmaster(cluster.pgData);
  if (!orphan) return undefined;
  const isGone = async () => (await findPostmaster(cluster.pgData)) === undefined;
  const found = await waitForAnswer(cluster.pgData, password, isGone, say);
  if (found === 'gone') return undefined;
  if (found !== 'silent') {
    say(`An earlier Paperboy ended without stopping its Postgres (pid ${found.pid}): using it again.`);
    return found;
  }
  say(`The Postgres of an earlier Paperboy (pid ${orphan.pid}) does not answer: stopping it.`);
  await stopPostmaster(cluster.pgData, orphan.pid, binaries);
  return undefined;
}

/** Starts it once; returns what it logged if that came to nothing. */
async function launch(
  { cluster, binaries, account, say }: Start,
  password: string,
): Promise<Postmaster | string> {
  const { pgData, logFile } = cluster;
  const port = await findFreePort();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(
    logFile,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NOFOLLOW,
    0o600,
  );
  try {
    if (account) await log.chown(account.uid, account.gid);
    const logStart = (await log.stat()).size;
    const child = spawn(binaries.postgres, ['-D', pgData, '-p', String(port), ...settings], {
      ...account,
      env: binaries.env,
      cwd: dirname(pgData),
      stdio: ['ignore', log.fd, log.fd],
      // A session of its own: Ctrl-C in a terminal must reach us alone, or it would go down before its clients.
      detached: true,
      windowsHide: true,
    });
    let end: string | undefined;
    child.once('error', (error) => {
      end = error.message;
    });
    child.once('exit', (code, signal) => {
      end ??= `exit ${signal ?? code}`;
    });
    child.unref();
    const found = await waitForAnswer(pgData, password, () => end !== undefined, say);
    if (typeof found !== 'string') return found;
    if (found === 'silent' && child.pid) {
      await stopPostmaster(pgData, child.pid, binaries);
      return 'It did not answer in time.';
    }
    return (await readFile(logFile)).subarray(logStart).toString('utf8').trim() || String(end);
  } finally {
    await log.close();
  }
}

/**
 * Postgres takes any live process with the pid in postmaster.pid for its predecessor, even one that merely
 * got the same number later. Such a pid is replaced by ours, which Postgres knows for its parent and ignores;
 * the rest of the file must stay, as it leads Postgres to shared memory that may still be in use.
 */
async function disownStalePid(pgData: string): Promise<void> {
  const path = join(pgData, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Math.abs(Number(text.split('\n')[0]));
  if (!pidExists(pid) || (await isPostmasterOf(pid, pgData))) return;
  if (process.platform === 'win32') return rm(path, { force: true });
  const file = await open(path, constants.O_WRONLY | constants.O_TRUNC | NOFOLLOW);
  try {
    await file.writeFile(text.replace(/^.*/, String(process.pid)));
  } finally {
    await file.close();
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

async function rotateLog(logFile: string): Promise<void> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  if (size > LOG_MAX_BYTES) await rename(logFile, `${logFile}.old`);
}
