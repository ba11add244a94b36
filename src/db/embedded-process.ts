/**
 * Which process is which. A pid alone proves nothing: after a crash or a reboot it may belong to somebody
 * else, and a killed process that nobody reaped (a container without an init) still answers to its pid.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './data-dir.ts';

const run = promisify(execFile);
const UNKNOWN = 'unknown';

/**
 * Text that tells this run of a pid from a later process with the same pid; undefined when no such process
 * is alive. Where the start time cannot be read (Windows) it is 'unknown', which matches anything.
 */
export async function identifyProcess(pid: number): Promise<string | undefined> {
  if (!pidExists(pid)) return undefined;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (line !== undefined) {
    // The name, in brackets, may itself hold spaces and brackets. After it: state first, start time 20th.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${bootId.trim()}/${fields[19]}`;
  }
  return (await ps(pid, 'lstart=')) ?? UNKNOWN;
}

/** Whether the process that was once identified so is still alive. */
export async function isSameProcess(pid: number, identity: string): Promise<boolean> {
  const now = await identifyProcess(pid);
  return now !== undefined && (now === identity || now === UNKNOWN || identity === UNKNOWN);
}

/** Whether this pid is the main Postgres process of exactly this database folder. */
export async function isPostmasterOf(pid: number, pgData: string): Promise<boolean> {
  if (!pidExists(pid)) return false;
  const args = await commandLine(pid);
  if (args) {
    if (basename(args[0] ?? '') !== 'postgres' || !args.includes('-D')) return false;
    // The working folder too: it still leads to the database after the data folder has been moved.
    return args.includes(pgData) || (await isSameFolder(`/proc/${pid}/cwd`, pgData));
  }
  if (process.platform === 'win32') {
    const { stdout } = await run('C:\\Windows\\System32\\tasklist.exe', ['/FI', `PID eq ${pid}`]);
    return stdout.toLowerCase().includes('postgres.exe');
  }
  const command = await ps(pid, 'command=');
  return command?.includes(`-D ${pgData}`) === true && command.includes('postgres');
}

/**
 * Backends of this database that outlived their main process. Only known on Linux; elsewhere the list is
 * empty and one has to wait for them to notice.
 */
export async function listOrphanedBackends(pgData: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids: number[] = [];
  for (const pid of names.map(Number).filter((n) => n > 0)) {
    const title = (await commandLine(pid))?.[0] ?? '';
    if (title.startsWith('postgres:') && (await isSameFolder(`/proc/${pid}/cwd`, pgData))) pids.push(pid);
  }
  return pids;
}

/** Whether the system knows the pid at all, be it as a process of somebody else or one not yet reaped. */
export function pidExists(pid: number): boolean {
  // Zero and negative numbers would address whole process groups.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Signals a process that may already be gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pidExists(pid)) process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function commandLine(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return text?.split('\0');
}

async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), stat(b)]).catch(() => []);
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' };
  const found = await run('ps', ['-ww', '-o', column, '-p', String(pid)], { env }).catch(() => undefined);
  return found?.stdout.trim() || undefined;
}
