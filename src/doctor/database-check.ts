/** Whether the database answers, has our tables, and has the time that we have. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openDatabase } from '../db/client.ts';
import { projectRoot } from '../project-root.ts';
import { within } from '../within.ts';
import { compareClocks } from './clock.ts';
import { getDatabaseFacts } from './database.repo.ts';
import { type Finding, fault, ok, warning } from './finding.ts';
import { reasonOf } from './reason.ts';

const PATIENCE_MS = 4000;
/** Leases and due times are compared across machines; a lease lasts 2 minutes. */
const CLOCK_LIMIT_S = 30;

/** The first finding tells whether the database could be asked at all. */
export async function checkDatabase(url: string, now: () => Date): Promise<Finding[]> {
  const { db, close } = openDatabase(url, { poolSize: 1 });
  try {
    // The first query also connects, which must not count as a difference of clocks.
    await within(PATIENCE_MS, getDatabaseFacts(db));
    const asked = now().getTime();
    const { version, at, lastMigration } = await within(PATIENCE_MS, getDatabaseFacts(db));
    const between = (asked + now().getTime()) / 2;
    return [
      ok('PostgreSQL', version),
      checkMigrations(await readMigrationTimes(), lastMigration),
      compareClocks('clock', Math.round((at.getTime() - between) / 1000), {
        limit: CLOCK_LIMIT_S,
        beyond: fault,
      }),
    ];
  } catch (error) {
    const advice = 'See that PostgreSQL runs and that DATABASE_URL has the right host, user and password.';
    return [fault('PostgreSQL', `no answer from ${new URL(url).host}: ${reasonOf(error)}`, advice)];
  } finally {
    await close();
  }
}

/** `known`: when each migration of this version was made, in ms, oldest first. */
export function checkMigrations(known: readonly number[], last: number | null): Finding {
  const missing = known.filter((time) => last === null || time > last).length;
  if (last !== null && !known.includes(last) && last > Math.max(...known)) {
    return fault(
      'migrations',
      'the database is of a newer version of Paperboy than this one',
      'Install the version that the other processes run.',
    );
  }
  if (missing === 0) return ok('migrations', `all ${known.length} applied`);
  return warning(
    'migrations',
    `${missing} of ${known.length} not applied`,
    'The next start applies them, and so does `paperboy migrate`.',
  );
}

async function readMigrationTimes(): Promise<number[]> {
  const journal = z.object({ entries: z.array(z.object({ when: z.number() })) });
  const text = await readFile(join(projectRoot, 'migrations', 'meta', '_journal.json'), 'utf8');
  return journal.parse(JSON.parse(text)).entries.map(({ when }) => when);
}
