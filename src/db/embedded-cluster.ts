/**
 * Where the database files lie, and making them. Normally that is inside the data folder; for root it may be
 * a folder elsewhere that the account Postgres runs as can reach, and the two then name each other, so that
 * the choice is found again and no install ever opens the database of another.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { dataDirUnusable, describeReason, errorCode, isRoot, makeFolder } from './data-dir.ts';
import { type Account, canKeepFilesIn, giveTo, pickAccount, runAs } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';

/** The folder that holds everything of Postgres: its database, its password and its log. */
export interface Cluster {
  dataDir: string;
  pgData: string;
  passwordFile: string;
  logFile: string;
}

interface Marker {
  id: string;
  dataDir: string;
  place: string;
}

/** In the data folder: where the database is. In the place of the database: whose it is. */
const MARKER = 'database-place.json';
const SYSTEM_PLACE = '/var/lib/paperboy';
/** The tokeniser of full text search goes by this one: under plain C, “quotes” and dashes stick to words. */
const CTYPES = ['C.UTF-8', 'en_US.UTF-8', 'UTF-8', 'C'];

const OTHER_ACCOUNT = 'start Paperboy as the account that first did, or set DATA_DIR to another folder';

/** What an earlier start chose, or undefined. */
export async function findCluster(dataDir: string): Promise<Cluster | undefined> {
  const marker = await readMarker(dataDir);
  if (marker) return describe(dataDir, await verifyPlace(dataDir, marker));
  const inside = describe(dataDir, dataDir);
  return (await stat(inside.pgData).catch(() => undefined)) ? inside : undefined;
}

/** Chooses a place for a database that is not there yet. */
export async function chooseCluster(dataDir: string, account: Account | undefined): Promise<Cluster> {
  if (!account || (await canKeepFilesIn(dataDir, account))) return describe(dataDir, dataDir);
  const id = randomUUID();
  for (const place of [join(SYSTEM_PLACE, id), join(await realpath(tmpdir()), `paperboy-${id}`)]) {
    try {
      if (await makeFolder(dirname(place))) await chmod(dirname(place), 0o755);
      await mkdir(place);
      await chmod(place, 0o711);
      if (!(await canKeepFilesIn(place, account))) throw new Error('unreachable');
      const text = JSON.stringify({ id, dataDir, place } satisfies Marker, undefined, 2);
      await writeFile(join(place, MARKER), text, { flag: 'wx' });
      await writeFile(join(dataDir, MARKER), text, { flag: 'wx' });
      return describe(dataDir, place);
    } catch {
      await rm(join(dataDir, MARKER), { force: true });
      await rm(place, { recursive: true, force: true });
    }
  }
  throw dataDirUnusable(
    dataDir,
    `Postgres cannot run as root, and the account it runs as instead can enter neither it nor ${SYSTEM_PLACE}`,
    'start Paperboy as an ordinary user, or set DATABASE_URL',
  );
}

/** The account that owns an existing database (only root has the choice), else a picked one. */
export async function accountOf(cluster: Cluster | undefined): Promise<Account | undefined> {
  const owner = cluster && (await lstat(cluster.pgData).catch(() => undefined));
  const uid = process.getuid?.();
  if (!cluster || !owner) return pickAccount();
  if (uid === undefined) return undefined;
  if (uid !== 0) {
    if (owner.uid === uid) return undefined;
    throw dataDirUnusable(
      cluster.dataDir,
      `its database ${cluster.pgData} belongs to another account`,
      OTHER_ACCOUNT,
    );
  }
  if (owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  // Copied or restored by root: Postgres would refuse files that are not its account's own.
  const account = await pickAccount();
  if (account) {
    await giveTo(account, cluster.pgData);
    await lchown(cluster.passwordFile, account.uid, account.gid).catch(() => undefined);
  }
  return account;
}

/** Makes the database files if they are missing; checks that these programs can open them if not. */
export async function ensureCluster(
  cluster: Cluster,
  binaries: Binaries,
  account: Account | undefined,
  say: (sentence: string) => void,
): Promise<void> {
  const { dataDir, pgData, passwordFile } = cluster;
  const version = await readFile(join(pgData, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    // Only a file that is surely not there makes this a first start.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw dataDirUnusable(
      dataDir,
      `${pgData} cannot be read (${describeReason(error)})`,
      OTHER_ACCOUNT,
      error,
    );
  });
  if (version !== undefined) return requireVersion(pgData, version.trim(), binaries.major);
  const content = await readdir(pgData).catch(() => undefined);
  if (content?.length)
    throw dataDirUnusable(
      dataDir,
      `${pgData} is in the way: it is not a Postgres database`,
      'move it elsewhere, or set DATA_DIR to another folder',
    );
  if (content) await rmdir(pgData);

  const runsAs = account ? ` (Postgres refuses to run as root, so it runs as uid ${account.uid})` : '';
  say(`First start: making the database in ${pgData}${runsAs}.`);
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { flag: 'wx', mode: 0o600 });
  if (account) await lchown(passwordFile, account.uid, account.gid);
  // Made under another name, so that a start that dies half way leaves nothing that looks like a database.
  const draft = `${pgData}.new`;
  await rm(draft, { recursive: true, force: true });
  try {
    await makeDatabaseFiles(draft, passwordFile, binaries, account);
    await rename(draft, pgData);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    const why = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new AppError('EMBEDDED_POSTGRES_FAILED', `The database in ${pgData} could not be made: ${why}`, {
      cause,
    });
  }
}

export async function readPassword({ dataDir, passwordFile }: Cluster): Promise<string> {
  return readFile(passwordFile, 'utf8').catch((cause: unknown) => {
    throw dataDirUnusable(
      dataDir,
      `the database password in ${passwordFile} cannot be read`,
      OTHER_ACCOUNT,
      cause,
    );
  });
}

function describe(dataDir: string, place: string): Cluster {
  return {
    dataDir,
    pgData: join(place, 'postgres'),
    passwordFile: join(place, 'postgres-password'),
    logFile: join(place, 'postgres.log'),
  };
}

async function makeDatabaseFiles(
  pgData: string,
  passwordFile: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  await mkdir(pgData, { mode: 0o700 });
  if (account) await giveTo(account, pgData);
  const args = [
    '-D',
    pgData,
    '-U',
    'paperboy',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
  ];
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions'];
  for (const ctype of CTYPES) {
    try {
      await runAs(account, binaries.initdb, [...args, ...locale, `--lc-ctype=${ctype}`], binaries.env);
      return;
    } catch (error) {
      const isUnknown = error instanceof Error && error.message.includes('invalid locale');
      if (!isUnknown || ctype === 'C') throw error;
    }
  }
}

function requireVersion(pgData: string, found: string, ours: string): void {
  if (found === ours) return;
  throw new AppError(
    'DATA_DIR_WRONG_VERSION',
    `The database in ${pgData} was made by PostgreSQL ${found} and this Paperboy brings PostgreSQL ${ours}: ` +
      'start the version of Paperboy that made it, or set DATA_DIR to a new folder.',
  );
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  const text = await readFile(join(folder, MARKER), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Follows the marker to the place, unless the two no longer belong together. */
async function verifyPlace(dataDir: string, marker: Marker): Promise<string> {
  const { place, id } = marker;
  const path = join(dataDir, MARKER);
  const where = `${path} says its database is in ${place}`;
  const startEmpty = `or delete ${path} to begin with an empty database`;
  const folder = await lstat(place).catch(() => undefined);
  const back = await readMarker(place);
  if (!folder?.isDirectory() || back?.id !== id)
    throw dataDirUnusable(dataDir, `${where}, which is not there`, `bring that back, ${startEmpty}`);
  if (isRoot() && folder.uid !== 0)
    throw dataDirUnusable(
      dataDir,
      `${where}, which does not belong to root`,
      `give it back to root, ${startEmpty}`,
    );
  if (back.dataDir === dataDir) return place;
  const original = await readMarker(back.dataDir);
  if (original?.id === id)
    throw dataDirUnusable(
      dataDir,
      `it is a copy of ${back.dataDir} and names the same database`,
      `use that one, ${startEmpty}`,
    );
  // The data folder has been moved; from now on the place answers to the new path.
  if (isRoot()) await writeFile(join(place, MARKER), JSON.stringify({ id, dataDir, place } satisfies Marker));
  return place;
}
