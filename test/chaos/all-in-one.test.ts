/** What is promised when the one machine dies that everything runs on: Paperboy and its own Postgres are killed ten times in a run. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, expect, it } from 'vitest';
import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { freePort } from '../support/free-port.ts';
import { startHostileReceiver } from '../support/hostile-receiver.ts';
import { killWithPostgres, type RunningProgram, runProgram } from '../support/run.ts';
import { addDueReaders, everyReader, IN_FLIGHT, tally } from './due-readers.ts';

const READERS = 3000;
const KILLS = 10;
const SERVER_THINKS_MS = 100;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it.each([
  { what: 'npm start', program: 'src/start.ts', args: [] },
  { what: 'paperboy digest', program: 'src/cli.ts', args: ['digest'] },
])(
  '$what, killed with its Postgres, leaves nobody out, and little comes twice',
  async ({ what, program, args }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'paperboy-chaos-'));
    await chmod(dataDir, 0o755);
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    const receiver = await startHostileReceiver(() => ({ at: 'take' }), { thinksMs: SERVER_THINKS_MS });
    closers.push(() => receiver.close());
    const env = {
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      SMTP_URL: receiver.url,
      MAIL_FROM: 'Paperboy <digest@example.org>',
      // Nothing listens there.
      HF_BASE_URL: 'http://127.0.0.1:1',
      ARXIV_BASE_URL: 'http://127.0.0.1:1',
    };
    expect(await runProgram('src/cli.ts', ['seed'], env).exited).toBe(0);
    await onDatabase((sql) => addDueReaders(sql, READERS));

    let running: RunningProgram | null = null;
    closers.push(() => running && killWithPostgres(running, dataDir));
    for (let kill = 1; kill <= KILLS; kill++) {
      running = runProgram(program, args, env);
      while (receiver.taken.length < (kill * READERS) / (KILLS + 2)) await pause(10);
      await pause(Math.random() * 300);
      killWithPostgres(running, dataDir);
      await running.exited;
    }
    running = runProgram(program, args, env);
    const ended = args.includes('digest') ? running.exited : allHaveMail();
    await ended;
    // What is under way ends, and is written down.
    await pause(2000);
    if (!args.includes('digest')) running.child.kill('SIGTERM');
    expect(await running.exited, running.output()).toBe(0);

    const { without, twice } = tally(receiver.taken, everyReader(READERS));
    console.log(
      `${what}: ${READERS} readers, killed ${KILLS} times with its Postgres: ${receiver.taken.length} mails, ` +
        `${without.length} readers without, ${twice} mails twice (at most ${KILLS * IN_FLIGHT}).`,
    );
    expect(without).toEqual([]);
    expect(twice).toBeLessThanOrEqual(KILLS * IN_FLIGHT);
    const open = await onDatabase(
      (sql) => sql`select status, count(*)::int from deliveries where status <> 'sent' group by 1`,
    );
    expect(open).toEqual([]);

    async function allHaveMail(): Promise<void> {
      while (tally(receiver.taken, everyReader(READERS)).without.length > 0) await pause(500);
    }

    async function onDatabase<T>(run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
      const database = await openEmbeddedPostgres({ dataDir, mode: 'own', say: () => {} });
      const sql = postgres(database.url, { max: 1, onnotice: () => {} });
      try {
        return await run(sql);
      } finally {
        await sql.end();
        await database.stop();
      }
    }
  },
  15 * 60_000,
);
