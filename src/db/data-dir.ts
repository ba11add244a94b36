/**
 * The data folder (`DATA_DIR`): made when missing, and known to be usable before anything is written to it,
 * so that an operator hears which folder is at fault rather than a bare EACCES from somewhere deeper.
 */
import { chmod, mkdir, mkdtemp, realpath, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../errors.ts';

const REASONS: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'it is a file, not a folder',
  ENOENT: 'it cannot be made there',
};

/**
 * Makes the folder when it is missing and proves that it can be written to.
 * Returns its real path; throws DATA_DIR_UNUSABLE.
 */
export async function prepareDataDir(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  try {
    // As root, the account Postgres runs as must be able to pass through; nobody can list what is inside.
    if (await makeFolder(folder)) await chmod(folder, isRoot() ? 0o711 : 0o700);
    const real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
    await rmdir(await mkdtemp(join(real, '.write-check-')));
    return real;
  } catch (cause) {
    const advice = 'make it a folder that the account running Paperboy can write to, or set DATA_DIR to one';
    throw dataDirUnusable(folder, describeReason(cause), advice, cause);
  }
}

/**
 * Makes a folder and its parents; false when it was there already. Node's recursive mkdir never returns for
 * a path where a folder's parent exists and yet the answer is ENOENT, such as one under /proc.
 */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    return await makeOneFolder(folder);
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    return makeOneFolder(folder);
  }
}

async function makeOneFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The error for a folder that cannot be used: `why` it cannot, and what to do about it. */
export function dataDirUnusable(folder: string, why: string, advice: string, cause?: unknown): AppError {
  const message = `The data folder ${folder} cannot be used: ${why}; ${advice}.`;
  return new AppError('DATA_DIR_UNUSABLE', message, { cause });
}

/** A file system error in words. */
export function describeReason(error: unknown): string {
  const code = errorCode(error);
  return (code && REASONS[code]) ?? (error instanceof Error ? error.message : String(error));
}

/** The `code` that Node and Postgres put on their errors. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether this process is root, for whom Postgres must run as another account. Never on Windows. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
