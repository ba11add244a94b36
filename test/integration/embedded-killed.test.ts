/** The bundled Postgres with real processes that are really killed: whatever happened, the next start finds its data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  hasPlatformPackage,
  IS_ROOT,
  keep,
  kill,
  query,
  read,
  useDataFolder,
  waitFor,
} from '../support/embedded-folder.ts';

const data = useDataFolder();
const { said, useSharedData, open, startOwner, placeOf } = data;

describe.skipIf(!hasPlatformPackage())('embedded Postgres', { timeout: 20_000 }, () => {
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
    await mkdir(join(data.dir, 'postgres.new', 'base'), { recursive: true });
    const owner = { pid: process.ppid, identity: 'another-boot/1', role: 'server', token: 'x' };
    await writeFile(join(data.dir, 'owner.lock'), JSON.stringify(owner));
    await writeFile(join(data.dir, 'postgres-password'), '');
    expect(await read((await open('own')).url)).toEqual([]);
  });
});

function activeQueries(url: string | undefined): Promise<number> {
  return query(url, async (sql) => {
    const rows =
      await sql`select 1 from pg_stat_activity where state = 'active' and query like '%generate_series(1%'
      and pid <> pg_backend_pid()`;
    return rows.length;
  });
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
