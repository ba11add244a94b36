/**
 * What is promised when machines die, with workers of their own: 20 of them are killed in the middle of a run, Postgres
 * crashes, the queue is emptied, and 200 readers leave meanwhile.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { createLogger } from '../../src/logger.ts';
import { ONE_OF_SEVERAL } from '../../workers/processes.ts';
import { emptyQueue, emptyRedis } from '../support/context.ts';
import { freePort } from '../support/free-port.ts';
import { startHostileReceiver } from '../support/hostile-receiver.ts';
import { runProgram } from '../support/run.ts';
import { startBreakablePostgres } from './breakable-postgres.ts';
import { addDueReaders, addressOf, everyReader, IN_FLIGHT, tally } from './due-readers.ts';

const READERS = 10_000;
const WORKERS = 2;
const KILLS = 20;
const LEAVERS = 200;
/** At which kill, too. */
const CRASH_AT = 7;
const WIPE_AT = 14;
/** So long the mail server thinks about a mail: all connections are busy when a worker is killed. */
const SERVER_THINKS_MS = 150;
/** Leases run out, and what nobody asks for is found, within a few minutes. */
const AFTERMATH_MS = 6 * 60_000;
const SECRET_KEY = 'a secret for tests only';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe.each(['postgres', 'redis'] as const)('with the queue on %s', (backend) => {
  const skip = backend === 'redis' && inject('redisUrl') === null;

  it.skipIf(skip)(
    'nobody is left out, nobody who left gets mail, and little comes twice',
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'paperboy-chaos-'));
      await chmod(dataDir, 0o755);
      closers.push(() => rm(dataDir, { recursive: true, force: true }));
      const database = await startBreakablePostgres(dataDir);
      closers.push(() => database.stop());
      const sql = postgres(database.url, { max: 1, onnotice: () => {} });
      closers.push(() => sql.end({ timeout: 1 }));
      const receiver = await startHostileReceiver(() => ({ at: 'take' }), { thinksMs: SERVER_THINKS_MS });
      closers.push(() => receiver.close());
      const redisUrl = backend === 'redis' ? await emptyRedis() : null;
      const port = await freePort();
      const publicUrl = `http://127.0.0.1:${port}`;
      const env = {
        DATABASE_URL: database.url,
        DATA_DIR: dataDir,
        PORT: String(port),
        PUBLIC_URL: publicUrl,
        SMTP_URL: receiver.url,
        MAIL_FROM: 'Paperboy <digest@example.org>',
        SECRET_KEY,
        // Nothing listens there.
        HF_BASE_URL: 'http://127.0.0.1:1',
        ARXIV_BASE_URL: 'http://127.0.0.1:1',
        ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
      };
      const start = (program: string, ...args: string[]) => {
        const running = runProgram(program, args, env);
        closers.push(() => running.child.kill('SIGKILL'));
        return running;
      };
      expect(await start('src/cli.ts', 'seed').exited).toBe(0);
      await addDueReaders(sql, READERS);
      const site = start('src/server.ts');
      await site.waitFor(/web site is at/);

      const workers = Array.from({ length: WORKERS }, () => start('workers/main.ts', ONE_OF_SEVERAL));
      const departures: Departure[] = [];
      const leavers = await pickLeavers();
      for (let kill = 1; kill <= KILLS; kill++) {
        const some = leavers.splice(0, LEAVERS / KILLS);
        departures.push(...(await Promise.all(some.map(leave))));
        const at = Math.floor(Math.random() * WORKERS);
        await workers[at]?.waitFor(/workers run/);
        await reach((kill * READERS) / (KILLS + 2));
        await pause(Math.random() * 500);
        workers[at]?.child.kill('SIGKILL');
        if (kill === CRASH_AT) await database.crash();
        if (kill === WIPE_AT) await emptyQueue({ sql, redisUrl });
        workers[at] = start('workers/main.ts', ONE_OF_SEVERAL);
      }
      await allHaveMail();

      const left = new Set(departures.map(({ id }) => id));
      const stayed = everyReader(READERS).filter((id) => !left.has(id));
      const { without, twice } = tally(receiver.taken, stayed);
      const afterwards = departures.filter(({ id, since }) =>
        receiver.taken.slice(since).includes(addressOf(id)),
      );
      console.log(
        `${backend}: ${READERS} readers, ${KILLS} workers killed, Postgres crashed once, queue emptied once: ` +
          `${receiver.taken.length} mails, ${without.length} readers without, ${twice} mails twice (at most ${KILLS * IN_FLIGHT}), ` +
          `${departures.length} left, ${afterwards.length} of them got mail after.`,
      );
      expect(without).toEqual([]);
      expect(afterwards).toEqual([]);
      expect(twice).toBeLessThanOrEqual(KILLS * IN_FLIGHT);
      const rest =
        await sql`select status, count(*)::int from deliveries where status in ('pending', 'sending', 'failed') group by 1`;
      expect(rest).toEqual([]);

      async function pickLeavers(): Promise<Leaver[]> {
        const { ctx, close } = await openContext(loadConfig(env), {
          mode: 'attach',
          log: createLogger('silent'),
        });
        const chosen = new Set<number>();
        while (chosen.size < LEAVERS) chosen.add(1 + Math.floor(Math.random() * READERS));
        const made = [...chosen].map((id) => ({
          id,
          url: ctx.links.url({ purpose: 'unsubscribe', id, version: 1 }),
        }));
        await close();
        return made;
      }

      /** Resolves once that many mails were taken, or no more come. */
      async function reach(mails: number): Promise<void> {
        while (receiver.taken.length < mails) await pause(10);
      }

      async function leave({ id, url }: Leaver): Promise<Departure> {
        for (;;) {
          const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
          const answer = await fetch(url, { method: 'POST', body }).catch(() => null);
          if (answer?.status === 200) return { id, since: receiver.taken.length };
          // While Postgres is away a mail program is told to come again.
          if (answer && answer.status < 500) throw new Error(`leaving was answered by ${answer.status}`);
          await pause(200);
        }
      }

      async function allHaveMail(): Promise<void> {
        const left = new Set(departures.map(({ id }) => id));
        const stayed = everyReader(READERS).filter((id) => !left.has(id));
        const deadline = performance.now() + AFTERMATH_MS;
        while (tally(receiver.taken, stayed).without.length > 0 && performance.now() < deadline)
          await pause(500);
        // What is under way ends, and is written down.
        await pause(2000);
      }
    },
    20 * 60_000,
  );
});

interface Leaver {
  id: number;
  url: string;
}

interface Departure {
  id: number;
  /** Mails that had been taken when the answer came. */
  since: number;
}
