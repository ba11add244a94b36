/** The bundled Postgres makes its database where it may, keeps it to its account, and finds it at the next start. */
import { chmod, chown, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasPlatformPackage, IS_ROOT, keep, query, read, useDataFolder } from '../support/embedded-folder.ts';

const data = useDataFolder();
const { said, useSharedData, open, placeOf } = data;

describe.skipIf(!hasPlatformPackage())('embedded Postgres', { timeout: 20_000 }, () => {
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
    const pgData = join(data.dir, 'postgres');
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

  test('names a data folder that cannot be made or is no folder', async () => {
    const file = join(data.parent, 'file');
    await writeFile(file, '');
    const locked = join(data.parent, 'locked');
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
    await mkdir(join(data.dir, 'postgres'), { recursive: true });
    await writeFile(join(data.dir, 'postgres', 'PG_VERSION'), '12\n');
    await expect(open('own')).rejects.toMatchObject({
      code: 'DATA_DIR_WRONG_VERSION',
      message: expect.stringContaining('PostgreSQL 12'),
    });
    expect(await readFile(join(data.dir, 'postgres', 'PG_VERSION'), 'utf8')).toBe('12\n');
  });

  test('works below a folder of mode 700, and a folder made anew there begins empty', async () => {
    await chmod(data.parent, 0o700);
    const first = await open('own');
    await keep(first.url, 'private');
    await first.stop();
    const again = await open('own');
    expect(await read(again.url)).toEqual(['private']);
    await again.stop();

    const oldPlace = await placeOf();
    await rm(data.dir, { recursive: true });
    const fresh = await open('own');
    expect(await read(fresh.url)).toEqual([]);
    await fresh.stop();
    if (oldPlace !== data.dir) await rm(oldPlace, { recursive: true });
  });
});
