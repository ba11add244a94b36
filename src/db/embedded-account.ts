/**
 * The account Postgres runs as. It refuses to run as root, so for root it is an unprivileged account that
 * the machine already has; for everybody else it is simply their own.
 */
import { execFile } from 'node:child_process';
import { lchown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import { isRoot } from './data-dir.ts';

const run = promisify(execFile);

export interface Account {
  uid: number;
  gid: number;
}

/** Runs a program to its end as the account (undefined: as ourselves); returns what it printed. */
export async function runAs(
  account: Account | undefined,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  // From the root folder: our own working folder may be one that the account cannot enter.
  const { stdout } = await run(file, args, { ...account, cwd: '/', env, windowsHide: true });
  return stdout;
}

/** An unprivileged account when we are root, else undefined. */
export async function pickAccount(): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const env = { PATH: '/bin:/usr/bin' };
      const [uid, gid] = await Promise.all([
        run('id', ['-u', name], { env }),
        run('id', ['-g', name], { env }),
      ]);
      const account = { uid: Number(uid.stdout), gid: Number(gid.stdout) };
      // A container may know the account and still be forbidden to change to it.
      await runAs(account, '/bin/sh', ['-c', ':']);
      return account;
    } catch {
      // No such account, or none that we may become: the next one may do.
    }
  }
  throw new AppError(
    'EMBEDDED_POSTGRES_FAILED',
    'Postgres refuses to run as root and neither the account postgres nor nobody can be used here: ' +
      'start Paperboy as an ordinary user, or set DATABASE_URL to a Postgres you run yourself.',
  );
}

/** Whether the account can keep files of its own in this folder; found out by trying. */
export async function canKeepFilesIn(folder: string, account: Account): Promise<boolean> {
  const trial = join(folder, '.account-check');
  try {
    await rm(trial, { recursive: true, force: true });
    await mkdir(trial, { mode: 0o700 });
    await lchown(trial, account.uid, account.gid);
    await runAs(account, '/bin/sh', ['-c', 'cd "$1" && : > file && chmod 700 .', 'sh', trial]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** Gives a folder of ours and all that is in it to the account. Links are not followed. */
export async function giveTo(account: Account, folder: string): Promise<void> {
  await lchown(folder, account.uid, account.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(account, path);
    else await lchown(path, account.uid, account.gid);
  }
}
