/**
 * Who owns a data folder: one live process at a time, written down in `owner.lock`, and the commands that
 * use the owner's Postgres meanwhile, one small file each. What dead processes left is seen and removed.
 */
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from './data-dir.ts';
import { identifyProcess, isSameProcess } from './embedded-process.ts';

/** A server owns the folder for as long as it runs, a command only until it is done. */
export type Role = 'server' | 'command';

export interface Holder {
  pid: number;
  identity: string;
  role: Role;
  token: string;
}

export interface Lock {
  release(): Promise<void>;
}

const COMMAND_PREFIX = 'command-';

/** Takes the folder, or says which live process has it. */
export async function takeLock(dataDir: string, role: Role): Promise<{ lock: Lock } | { holder: Holder }> {
  const path = join(dataDir, 'owner.lock');
  const self = await describeSelf(role);
  for (;;) {
    if (await writeNew(path, self)) return { lock: { release: () => removeIfOurs(path, self.token) } };
    const holder = await readHolderPatiently(path);
    if (holder && (await isSameProcess(holder.pid, holder.identity))) return { holder };
    await removeStale(path);
  }
}

/** Notes that this process uses the owner's Postgres; call what it returns when it no longer does. */
export async function registerCommand(dataDir: string): Promise<() => Promise<void>> {
  const self = await describeSelf('command');
  const path = join(dataDir, `${COMMAND_PREFIX}${self.token}.json`);
  await writeNew(path, self);
  return () => rm(path, { force: true });
}

/** Whether a live command has registered; what dead ones left is removed. */
export async function hasLiveCommands(dataDir: string): Promise<boolean> {
  let found = false;
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(COMMAND_PREFIX)) continue;
    const command = await readHolderPatiently(join(dataDir, name));
    if (command && (await isSameProcess(command.pid, command.identity))) found = true;
    else await rm(join(dataDir, name), { force: true });
  }
  return found;
}

async function describeSelf(role: Role): Promise<Holder> {
  const identity = (await identifyProcess(process.pid)) ?? 'unknown';
  return { pid: process.pid, identity, role, token: randomUUID() };
}

async function writeNew(path: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A file that is empty may be half a moment from being written, or may be all that a full disk left. */
async function readHolderPatiently(path: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const holder = parseHolder(text);
    if (holder) return holder;
    await pause(50);
  }
  return undefined;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder: Holder = JSON.parse(text);
    return typeof holder.pid === 'number' && typeof holder.identity === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Two starts may find the same stale lock, and the slower one must not delete the lock that the faster one
 * has just taken: so it is first moved aside, looked at, and put back if it turns out to be alive.
 */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = parseHolder(await readFile(aside, 'utf8'));
  if (moved && (await isSameProcess(moved.pid, moved.identity)))
    await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function removeIfOurs(path: string, token: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (parseHolder(text)?.token === token) await rm(path, { force: true });
}
