/** Readers whose digests are due, and who of them left or got what. */
import type postgres from 'postgres';
import { loadConfig } from '../../src/config.ts';
import { MOST_UNWRITTEN } from '../../src/deliveries/outcomes.ts';

/** Fields with papers among those that come with the project, so that every reader has something to get. */
const TOPICS = ['cs-cl', 'cs-cv', 'cs-lg', 'cs-ai', 'cs-ro'];

/** Mails of one process that may come twice when it dies: of two jobs, what is not written yet and what is on connections. */
export const IN_FLIGHT = 2 * (MOST_UNWRITTEN + loadConfig({}).mail.sendConcurrency);

export const addressOf = (id: number) => `reader${id}@example${id % 500}.org`;

export function everyReader(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

/** Readers 1 to `count`, all due at once. */
export async function addDueReaders(sql: postgres.Sql, count: number): Promise<void> {
  await sql`
    insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at, confirmed_at, next_due_at)
    select e, e, encode(sha256(e::bytea), 'hex'), 'active', 'daily', '{0,1,2,3,4,5,6}', 8, 'UTC', now(), now(), now()
    from (select 'reader' || n || '@example' || n % 500 || '.org' as e from generate_series(1, ${count}::int) n) made`;
  await sql`insert into profiles (subscriber_id) select id from subscribers`;
  await sql`
    insert into profile_topics (subscriber_id, topic_id)
    select s.id, t.id from subscribers s join topics t on t.slug = (${TOPICS}::text[])[1 + s.id % ${TOPICS.length}::int]`;
  await sql`analyze subscribers, profiles, profile_topics`;
}

export interface Tally {
  /** Readers who got no mail. */
  without: number[];
  /** Mails beyond the first of each reader. */
  twice: number;
}

/** `taken` are the recipients that the mail server said yes to, in order. */
export function tally(taken: readonly string[], readers: readonly number[]): Tally {
  const got = new Map<string, number>();
  for (const address of taken) got.set(address, (got.get(address) ?? 0) + 1);
  return { without: readers.filter((id) => !got.has(addressOf(id))), twice: taken.length - got.size };
}
