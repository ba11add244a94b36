/** SQL for sending: what is to go, claimed with all that its mail shows, and what came of it. */
import { asc, type SQL, sql } from 'drizzle-orm';
import { type Database, executePrepared, type Sql } from '../db/client.ts';
import { deliveries, profiles, profileTopics, sendPaces, subscribers, topics } from '../db/schema.ts';
import type { Language } from '../languages.ts';
import { notHeld } from './guard.repo.ts';

/** How long after its worker's last sign of life a delivery is taken back. A slow mail is a sign of life: see `renewLease`. */
export const LEASE_MS = 120_000;

/** A delivery to be claimed. */
export interface PendingDelivery {
  id: number;
  kind: 'confirm' | 'already_subscribed' | 'new_address' | 'digest';
  digestId: number | null;
  /** Of the address that it goes to. */
  domain: string;
}

/** A claimed delivery with all that its mail shows of the subscriber. */
export interface ClaimedDelivery extends PendingDelivery {
  attempts: number;
  /** Whether the domain asked for patience: see `pace.ts`. */
  isDomainSlow: boolean;
  subscriber: {
    id: number;
    /** Where it goes: of `new_address`, the one that is to agree. */
    email: string;
    newEmailAt: Date | null;
    tokenVersion: number;
    frequency: 'daily' | 'weekly';
    weekdays: number[];
    hour: number;
    timezone: string;
    language: Language;
    topicIds: number[];
    keywords: string[];
  };
}

/**
 * Takes those of `ids` that are pending and whose subscriber still wants them at this very moment: active and not paused
 * for a digest, still pending for a confirmation, the latest wish of one who moves to a new address; and never to one
 * that is suppressed. No digests while sending is paused. What another worker is taking right now is left to it.
 */
export async function claimDeliveries(
  db: Database,
  ids: readonly number[],
  now: Date,
): Promise<ClaimedDelivery[]> {
  const rows = await executePrepared(
    db,
    sql`
    with free as (
      select d.id from ${deliveries} d join ${subscribers} s on s.id = d.subscriber_id
      where d.id = any(${sql.param([...ids])}::bigint[]) and d.status = 'pending' and ${wanted(now)}
        and ${notHeld(sql`d.kind`)}
      order by d.id for update of d skip locked
    )
    update ${deliveries} d
    set status = 'sending', attempts = d.attempts + 1, lease_until = ${leaseFrom(now)}
    from free, ${subscribers} s
    where d.id = free.id and s.id = d.subscriber_id
    returning d.id, d.kind, d.attempts, d.digest_id, ${domain} as domain,
      exists (select 1 from ${sendPaces} x where x.key = ${domain}) as is_domain_slow, s.id as subscriber_id, ${byKind(sql`s.new_email`, sql`s.email`)} as email, s.new_email_at,
      s.token_version, s.frequency, s.weekdays, s.hour, s.timezone, s.language,
      array(select pt.topic_id from ${profileTopics} pt where pt.subscriber_id = s.id)::int[] as topic_ids,
      coalesce((select p.keywords from ${profiles} p where p.subscriber_id = s.id), '{}') as keywords`,
  );
  return rows.map((row) => ({
    id: Number(row.id),
    kind: row.kind as ClaimedDelivery['kind'],
    attempts: row.attempts as number,
    digestId: row.digest_id === null ? null : Number(row.digest_id),
    domain: row.domain as string,
    isDomainSlow: row.is_domain_slow as boolean,
    subscriber: {
      id: Number(row.subscriber_id),
      email: row.email as string,
      newEmailAt: row.new_email_at ? new Date(row.new_email_at as string) : null,
      tokenVersion: row.token_version as number,
      frequency: row.frequency as 'daily' | 'weekly',
      weekdays: row.weekdays as number[],
      hour: row.hour as number,
      timezone: row.timezone as string,
      language: row.language as Language,
      topicIds: row.topic_ids as number[],
      keywords: row.keywords as string[],
    },
  }));
}

/** One thing for the mail that asks a new address, another for all that go to the subscriber's own. */
const byKind = (ofNew: SQL, ofOwn: SQL) =>
  sql`case when d.kind = 'new_address' then ${ofNew} else ${ofOwn} end`;
const domain = sql`split_part(${byKind(sql`coalesce(lower(s.new_email), s.email_key)`, sql`s.email_key`)}, '@', 2)`;
/** As `hashAddress` makes it. */
const newEmailHash = sql`encode(sha256(convert_to(lower(s.new_email), 'UTF8')), 'hex')`;

/** Marks pending deliveries that nobody wants any more, so that they are never looked at again. */
export async function skipUnwanted(db: Sql, ids: readonly number[], now: Date): Promise<number> {
  const skipped = await db.execute(sql`
    update ${deliveries} d
    set status = 'skipped', outcome = 'not wanted any more', finished_at = ${now.toISOString()}
    from ${subscribers} s
    where d.id = any(${sql.param([...ids])}::bigint[]) and d.status = 'pending' and s.id = d.subscriber_id
      and not (${wanted(now)})
    returning d.id`);
  return skipped.length;
}

const wanted = (now: Date) => sql`(
  (d.kind = 'digest' and s.status = 'active' and (s.paused_until is null or s.paused_until <= ${now.toISOString()})
    or d.kind = 'confirm' and s.status = 'pending'
    or d.kind = 'already_subscribed' and s.status = 'active'
    or d.kind = 'new_address' and s.status = 'active' and s.new_email_at = d.created_at)
  and not exists (select 1 from suppressions x where x.email_hash = ${byKind(newEmailHash, sql`s.email_hash`)}))`;

/** What came of a try. `pending`: to be tried again, at `nextAttemptAt`. */
export type Outcome = {
  delivery: Claim;
  /** The last answer of the mail server, or what went wrong. */
  answer: string;
  at: Date;
} & (
  | { status: 'sent' | 'failed' }
  /** `counts` false: the try was not the mail's fault and is not counted. */
  | { status: 'pending'; nextAttemptAt: Date; counts: boolean }
);

/** What proves that a worker holds a delivery: a lease that ran out and was taken anew has another number of attempts. */
export type Claim = Pick<ClaimedDelivery, 'id' | 'attempts'>;

/** Records what came of tries. Only the worker that holds a delivery may, so a lease that ran out changes nothing. */
export async function recordOutcomes(db: Database, outcomes: readonly Outcome[]): Promise<void> {
  const column = <T>(read: (outcome: Outcome) => T) => sql.param(outcomes.map(read));
  const retry = (outcome: Outcome) => (outcome.status === 'pending' ? outcome : null);
  await executePrepared(
    db,
    sql`
    update ${deliveries} d
    set status = r.status, outcome = r.answer, lease_until = null,
      finished_at = case when r.status = 'pending' then null else r.at::timestamptz end,
      next_attempt_at = coalesce(r.next_attempt_at::timestamptz, d.next_attempt_at),
      attempts = d.attempts - r.uncounted
    from unnest(
      ${column(({ delivery }) => delivery.id)}::bigint[],
      ${column(({ delivery }) => delivery.attempts)}::int[],
      ${column(({ status }) => status)}::text[],
      ${column(({ answer }) => answer)}::text[],
      ${column(({ at }) => at.toISOString())}::text[],
      ${column((outcome) => retry(outcome)?.nextAttemptAt.toISOString() ?? null)}::text[],
      ${column((outcome) => (retry(outcome)?.counts === false ? 1 : 0))}::int[]
    ) as r (id, attempts, status, answer, at, next_attempt_at, uncounted)
    where d.id = r.id and d.status = 'sending' and d.attempts = r.attempts`,
  );
}

/** Says that these deliveries are still being sent. */
export async function renewLeases(db: Sql, claims: readonly Claim[], now: Date): Promise<void> {
  await db.execute(sql`
    update ${deliveries} d set lease_until = ${leaseFrom(now)}
    from unnest(
      ${sql.param(claims.map(({ id }) => id))}::bigint[],
      ${sql.param(claims.map(({ attempts }) => attempts))}::int[]
    ) as held (id, attempts)
    where d.id = held.id and d.status = 'sending' and d.attempts = held.attempts`);
}

const leaseFrom = (now: Date) => new Date(now.getTime() + LEASE_MS).toISOString();

/** The names of all topics by id, in their order. */
export async function listTopicNames(db: Sql): Promise<Map<number, string>> {
  const rows = await db
    .select({ id: topics.id, name: topics.name })
    .from(topics)
    .orderBy(asc(topics.position));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Those of `ids` that are pending, in the order of their ids. */
export async function listPending(db: Sql, ids: readonly number[]): Promise<PendingDelivery[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    select d.id, d.kind, d.digest_id, ${domain} as domain
    from ${deliveries} d join ${subscribers} s on s.id = d.subscriber_id
    where d.id = any(${sql.param([...ids])}::bigint[]) and d.status = 'pending' order by d.id`);
  return rows.map((row) => ({
    id: Number(row.id),
    kind: row.kind as PendingDelivery['kind'],
    digestId: row.digest_id === null ? null : Number(row.digest_id),
    domain: row.domain as string,
  }));
}
