/** Servers and commands that want the same data folder: one server at a time, and commands use the Postgres that runs. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../../src/db/embedded.ts';
import {
  end,
  exists,
  hasPlatformPackage,
  keep,
  read,
  useDataFolder,
  waitFor,
} from '../support/embedded-folder.ts';

const data = useDataFolder();
const { said, useSharedData, open, startOwner } = data;

describe.skipIf(!hasPlatformPackage())('embedded Postgres', { timeout: 20_000 }, () => {
  test('refuses a second server, naming the folder and the pid, and leaves the first alone', async () => {
    useSharedData();
    const owner = startOwner('own');
    const { url } = await owner.result;
    await expect(open('own')).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringMatching(new RegExp(`${data.dir}.*pid ${owner.process.pid}`)),
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
});

/** Opens as a command as soon as the other process has the folder, however little of it is up. */
async function openCommandWhenOwned(): Promise<EmbeddedPostgres> {
  await waitFor(() => exists(join(data.dir, 'owner.lock')));
  return open('attach');
}
