/**
 * The Postgres that Paperboy brings along, for when no DATABASE_URL is set: one per data folder, owned by one
 * process at a time, and found again whichever way the last owner ended.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { prepareDataDir } from './data-dir.ts';
import { findBinaries } from './embedded-binaries.ts';
import { accountOf, chooseCluster, ensureCluster, findCluster, readPassword } from './embedded-cluster.ts';
import { hasLiveCommands, type Lock, type Role, registerCommand, takeLock } from './embedded-lock.ts';
import {
  askPostgres,
  databaseUrl,
  ensureDatabase,
  findPostmaster,
  stopPostmaster,
} from './embedded-postmaster.ts';
import { startPostmaster } from './embedded-start.ts';

export interface EmbeddedPostgres {
  /** postgres://… */
  url: string;
  /** True when another process owns it. */
  attached: boolean;
  stop(): Promise<void>;
}

type Say = (sentence: string) => void;

/** A first start takes a second or two; a slow machine that also has to recover gets time. */
const ATTACH_TIMEOUT_MS = 30_000;
const COMMAND_PATIENCE_MS = 15_000;
const POLL_MS = 50;

/**
 * Opens the Postgres of a data folder: 'own' for the server, 'attach' for a command, which uses the server's
 * if one runs and is its owner for a while if not. `say` gets one-line notices for the operator.
 * Errors: DATA_DIR_UNUSABLE, DATA_DIR_IN_USE, DATA_DIR_WRONG_VERSION, EMBEDDED_POSTGRES_MISSING,
 * EMBEDDED_POSTGRES_FAILED.
 */
export async function openEmbeddedPostgres(options: {
  dataDir: string;
  mode: 'own' | 'attach';
  say: Say;
}): Promise<EmbeddedPostgres> {
  const dataDir = await prepareDataDir(options.dataDir);
  return options.mode === 'own' ? own(dataDir, options.say) : attach(dataDir, options.say);
}

async function own(dataDir: string, say: Say): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + COMMAND_PATIENCE_MS;
  let isAnnounced = false;
  for (;;) {
    const taken = await takeLock(dataDir, 'server');
    if ('lock' in taken) return openAsOwner(dataDir, taken.lock, 'server', say);
    const { pid, role } = taken.holder;
    if (role === 'server' || performance.now() > deadline) throw inUse(dataDir, pid);
    if (!isAnnounced) say(`Waiting for a Paperboy command (pid ${pid}) that uses ${dataDir} to finish.`);
    isAnnounced = true;
    await pause(POLL_MS);
  }
}

async function attach(dataDir: string, say: Say): Promise<EmbeddedPostgres> {
  const deadline = performance.now() + ATTACH_TIMEOUT_MS;
  const unregister = await registerCommand(dataDir);
  try {
    for (;;) {
      const taken = await takeLock(dataDir, 'command');
      if ('lock' in taken) {
        await unregister();
        return await openAsOwner(dataDir, taken.lock, 'command', say);
      }
      const url = await findRunning(dataDir);
      if (url) return { url, attached: true, stop: once(() => leave(dataDir, unregister)) };
      if (performance.now() > deadline) throw inUse(dataDir, taken.holder.pid);
      await pause(POLL_MS);
    }
  } catch (error) {
    await unregister();
    throw error;
  }
}

async function openAsOwner(dataDir: string, lock: Lock, role: Role, say: Say): Promise<EmbeddedPostgres> {
  try {
    const found = await findCluster(dataDir);
    const account = await accountOf(found);
    const binaries = await findBinaries(account, dataDir);
    const cluster = found ?? (await chooseCluster(dataDir, account));
    await ensureCluster(cluster, binaries, account, say);
    const { pid, port } = await startPostmaster({ cluster, binaries, account, say });
    const password = await readPassword(cluster);
    await ensureDatabase(port, password);
    const stop = async () => {
      try {
        // Another command may still use it; the last one to finish stops it.
        const isNeeded = role === 'command' && (await hasLiveCommands(dataDir));
        if (!isNeeded) await stopPostmaster(cluster.pgData, pid, binaries);
      } finally {
        await lock.release();
      }
    };
    return { url: databaseUrl(port, password), attached: false, stop: once(stop) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The address of the owner's Postgres once it answers. */
async function findRunning(dataDir: string): Promise<string | undefined> {
  const cluster = await findCluster(dataDir);
  if (!cluster) return undefined;
  const postmaster = await findPostmaster(cluster.pgData);
  if (!postmaster?.port) return undefined;
  const url = databaseUrl(postmaster.port, await readPassword(cluster));
  return (await askPostgres(url)) === 'ready' ? url : undefined;
}

/** A command is done: nothing to do while an owner lives, else the last command puts out the light. */
async function leave(dataDir: string, unregister: () => Promise<void>): Promise<void> {
  await unregister();
  const taken = await takeLock(dataDir, 'command');
  if (!('lock' in taken)) return;
  try {
    const cluster = await findCluster(dataDir);
    if (!cluster || (await hasLiveCommands(dataDir))) return;
    const postmaster = await findPostmaster(cluster.pgData);
    if (!postmaster) return;
    const binaries = await findBinaries(await accountOf(cluster), dataDir);
    await stopPostmaster(cluster.pgData, postmaster.pid, binaries);
  } finally {
    await taken.lock.release();
  }
}

function inUse(dataDir: string, pid: number): AppError {
  return new AppError(
    'DATA_DIR_IN_USE',
    `The data folder ${dataDir} is in use by another Paperboy (pid ${pid}): ` +
      'stop that one first, or set DATA_DIR to another folder.',
  );
}

/** Calling it again, even meanwhile, waits for the one run. */
function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
