/**
 * The only definition of the tables, in one file however long, as they refer to each other. Constraints carry the promises:
 * see the comment at each.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import { LANGUAGES } from '../languages.ts';

const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const time = () => timestamp({ withTimezone: true, mode: 'date' });
const texts = () => text().array().notNull().default(sql`'{}'`);
const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** One row per paper in the world, whichever sources and versions told of it: see `paperKeys`. */
export const papers = pgTable(
  'papers',
  {
    id: id(),
    arxivId: text().unique('papers_arxiv_id_unique'),
    doi: text(),
    version: integer().notNull().default(1),
    title: text().notNull(),
    abstract: text().notNull().default(''),
    authors: texts(),
    categories: texts(),
    /** Null where no source told. */
    publishedAt: time(),
    withdrawn: boolean().notNull().default(false),
    url: text(),
    codeUrl: text(),
    /** Where it appeared in print, as a reader would name it: "NeurIPS 2025", "Nature". */
    venue: text(),
    /** A PDF that anyone may open. */
    openAccessUrl: text(),
    /** Broad ones, for papers without arXiv's categories: "Computer Science". */
    fieldsOfStudy: texts(),
    /** How well each field is known (`papers/merge.ts`), so that a lesser source never overwrites a better one. */
    ranks: jsonb().notNull(),
    firstSeenAt: time().notNull(),
    updatedAt: time().notNull(),
    /** What `search.repo.ts` asks: title (A), authors (B), abstract (C). The function is the migration's that added it. */
    search: tsvector().notNull().generatedAlwaysAs(sql`paper_search(title, authors, abstract)`),
  },
  (t) => [
    index().on(t.firstSeenAt),
    index().using('gin', t.search),
    // Newest first, for lists that may reach back to the first paper.
    index('papers_dated_at_index').on(sql`coalesce(published_at, first_seen_at)`),
  ],
);

/** What a paper is known by: arXiv id, DOI, title with first author. A key is one paper's alone. */
export const paperKeys = pgTable(
  'paper_keys',
  {
    key: text().primaryKey(),
    paperId: bigint({ mode: 'number' })
      .notNull()
      .references(() => papers.id, { onDelete: 'cascade' }),
  },
  (t) => [index().on(t.paperId)],
);

/** Where a paper was seen; one row per source and its own id. */
export const paperSources = pgTable(
  'paper_sources',
  {
    source: text().notNull(),
    externalId: text().notNull(),
    paperId: bigint({ mode: 'number' })
      .notNull()
      .references(() => papers.id, { onDelete: 'cascade' }),
    /** Of the record as it was last told: the same again changes nothing. */
    contentHash: text().notNull(),
    firstSeenAt: time().notNull(),
    changedAt: time().notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.externalId] }), index().on(t.paperId)],
);

/** What a source counted for a paper at a moment: the time series behind "58 upvotes in 9 hours". */
export const paperObservations = pgTable(
  'paper_observations',
  {
    paperId: bigint({ mode: 'number' })
      .notNull()
      .references(() => papers.id, { onDelete: 'cascade' }),
    source: text().notNull(),
    observedAt: time().notNull(),
    listedAt: time().notNull(),
    upvotes: integer(),
    comments: integer(),
    githubStars: integer(),
    citations: integer(),
  },
  (t) => [primaryKey({ columns: [t.paperId, t.source, t.observedAt] }), index().on(t.listedAt)],
);

/** Where each source stands: its cursor, its last run, and since when it fails. */
export const sourceStates = pgTable('source_states', {
  name: text().primaryKey(),
  /** In the source's own words; moved together with the papers it speaks of. */
  cursor: text(),
  lastRunAt: time(),
  lastOkAt: time(),
  failingSince: time(),
  lastError: text(),
  /** How many have begun; the number of a run is its claim on the source, which a later run ends. */
  runs: bigint({ mode: 'number' }).notNull().default(0),
  /** While a run is under way, until when it may be silent; null after its end. In the past: it was cut off. */
  leaseUntil: time(),
  /** Of all runs. */
  seen: bigint({ mode: 'number' }).notNull().default(0),
  inserted: bigint({ mode: 'number' }).notNull().default(0),
  updated: bigint({ mode: 'number' }).notNull().default(0),
  merged: bigint({ mode: 'number' }).notNull().default(0),
  skipped: bigint({ mode: 'number' }).notNull().default(0),
  /** Reason to count, of the last run. */
  skippedReasons: jsonb().notNull().default({}),
});

/** When each host may be asked next, by any worker. */
export const sourceHosts = pgTable('source_hosts', {
  host: text().primaryKey(),
  freeAt: time().notNull(),
});

export const topics = pgTable('topics', {
  id: id(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  description: text().notNull(),
  groupName: text().notNull(),
  position: integer().notNull(),
  keywords: texts(),
  categories: texts(),
});

/** One row per normalised address. `nextDueAt` is null while nothing is to be sent. */
export const subscribers = pgTable(
  'subscribers',
  {
    id: id(),
    email: text().notNull(),
    emailKey: text().notNull().unique('subscribers_email_key_unique'),
    emailHash: text().notNull(),
    status: text({ enum: ['pending', 'active', 'unsubscribed'] }).notNull(),
    frequency: text({ enum: ['daily', 'weekly'] }).notNull(),
    /** 0 is Sunday. Weekly has exactly one. */
    weekdays: smallint().array().notNull(),
    hour: smallint().notNull(),
    timezone: text().notNull(),
    /** Of mails and of pages behind their links. */
    language: text({ enum: LANGUAGES }).notNull().default('en'),
    paperCount: smallint().notNull().default(10),
    pickiness: text({ enum: ['low', 'medium', 'high'] })
      .notNull()
      .default('medium'),
    pausedUntil: time(),
    nextDueAt: time(),
    lastDigestAt: time(),
    /** Part of every signed link; raising it ends all links given out before. */
    tokenVersion: integer().notNull().default(1),
    createdAt: time().notNull(),
    confirmedAt: time(),
    unsubscribedAt: time(),
    /** Why they left, where they said so. */
    leaveReason: text({ enum: ['too_many', 'not_for_me', 'found_other', 'other'] }),
    /** They asked for everything to be erased: from then on. */
    eraseAt: time(),
    /** The address they want to move to, until its owner has agreed. */
    newEmail: text(),
    newEmailAt: time(),
    /** When they moved to their address from another one: what comes back of earlier mails is about that other. */
    movedAt: time(),
  },
  (t) => [
    index().on(t.nextDueAt, t.id).where(sql`status = 'active'`),
    index().on(t.eraseAt).where(sql`erase_at is not null`),
    check('subscribers_status', sql`status in ('pending', 'active', 'unsubscribed')`),
    check(
      'subscribers_leave_reason',
      sql`leave_reason in ('too_many', 'not_for_me', 'found_other', 'other')`,
    ),
    check('subscribers_new_email', sql`(new_email is null) = (new_email_at is null)`),
    // Nobody who gets mail is erased.
    check('subscribers_erase_at', sql`erase_at is null or status <> 'active'`),
    check('subscribers_frequency', sql`frequency in ('daily', 'weekly')`),
    check('subscribers_pickiness', sql`pickiness in ('low', 'medium', 'high')`),
    check('subscribers_hour', sql`hour between 0 and 23`),
    check('subscribers_paper_count', sql`paper_count between 1 and 30`),
    check(
      'subscribers_weekdays',
      sql`cardinality(weekdays) between 1 and 7 and weekdays <@ '{0,1,2,3,4,5,6}'::smallint[] and (frequency = 'daily' or cardinality(weekdays) = 1)`,
    ),
  ],
);

const subscriberId = () =>
  bigint({ mode: 'number' })
    .notNull()
    .references(() => subscribers.id, { onDelete: 'cascade' });

export const profiles = pgTable('profiles', {
  subscriberId: subscriberId().primaryKey(),
  keywords: texts(),
  excluded: texts(),
  authors: texts(),
});

export const profileTopics = pgTable(
  'profile_topics',
  {
    subscriberId: subscriberId(),
    topicId: bigint({ mode: 'number' })
      .notNull()
      .references(() => topics.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.subscriberId, t.topicId] })],
);

export const feedback = pgTable(
  'feedback',
  {
    subscriberId: subscriberId(),
    paperId: bigint({ mode: 'number' })
      .notNull()
      .references(() => papers.id, { onDelete: 'cascade' }),
    verdict: text({ enum: ['liked', 'disliked'] }).notNull(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.subscriberId, t.paperId] }),
    // For when two papers turn out to be one; likewise in digests.
    index().on(t.paperId),
    // An edition looks at the latest of everyone's.
    index().on(t.createdAt),
    check('feedback_verdict', sql`verdict in ('liked', 'disliked')`),
  ],
);

/** One digest per subscriber and edition, whatever runs twice. */
export const digests = pgTable(
  'digests',
  {
    id: id(),
    subscriberId: subscriberId(),
    /** `2026-11-24` or `2026-W48`, in the subscriber's own zone. */
    edition: text().notNull(),
    composedAt: time().notNull(),
    /** True where nothing matched and the trending list stands in. */
    filled: boolean().notNull().default(false),
    /**
     * Papers named at its end, with the votes they had; these don't count as sent. No foreign key: of two papers that turn
     * out to be one, the id that goes is no longer shown.
     */
    alsoTrending: jsonb().$type<{ paperId: number; reason: unknown }[]>().notNull().default([]),
  },
  (t) => [
    unique('digests_subscriber_id_edition_unique').on(t.subscriberId, t.edition),
    unique('digests_id_subscriber_id_unique').on(t.id, t.subscriberId),
  ],
);

/** The papers of a digest. A subscriber never gets the same paper twice. */
export const digestPapers = pgTable(
  'digest_papers',
  {
    digestId: bigint({ mode: 'number' }).notNull(),
    subscriberId: bigint({ mode: 'number' }).notNull(),
    position: smallint().notNull(),
    paperId: bigint({ mode: 'number' })
      .notNull()
      .references(() => papers.id),
    score: real().notNull(),
    reasons: jsonb().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.digestId, t.position] }),
    unique('digest_papers_subscriber_id_paper_id_unique').on(t.subscriberId, t.paperId),
    index().on(t.paperId),
    foreignKey({
      columns: [t.digestId, t.subscriberId],
      foreignColumns: [digests.id, digests.subscriberId],
    }).onDelete('cascade'),
  ],
);

/** One row per mail, at most one per digest. See `deliveries/README.md` for the states. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: id(),
    kind: text({ enum: ['confirm', 'already_subscribed', 'new_address', 'digest'] }).notNull(),
    subscriberId: subscriberId(),
    digestId: bigint({ mode: 'number' })
      .unique('deliveries_digest_id_unique')
      .references(() => digests.id, { onDelete: 'cascade' }),
    status: text({ enum: ['pending', 'sending', 'sent', 'failed', 'skipped'] })
      .notNull()
      .default('pending'),
    attempts: integer().notNull().default(0),
    /** While `sending`: when another worker may take it back. */
    leaseUntil: time(),
    /** While `pending`: not before this time. */
    nextAttemptAt: time().notNull(),
    /** The last answer of the mail server, or why it was skipped. */
    outcome: text(),
    /** Of `new_address`: whom it asks, as `hashAddress` makes it, so that nobody is asked again and again. */
    addressHash: text(),
    createdAt: time().notNull(),
    finishedAt: time(),
  },
  (t) => [
    index().on(t.status, t.nextAttemptAt).where(sql`status in ('pending', 'sending')`),
    index().on(t.subscriberId, t.kind),
    index().on(t.addressHash).where(sql`address_hash is not null`),
    // What came of the last hour, without looking at what came before.
    index().on(t.finishedAt, t.status).where(sql`finished_at is not null`),
    check('deliveries_status', sql`status in ('pending', 'sending', 'sent', 'failed', 'skipped')`),
    check('deliveries_kind', sql`kind in ('confirm', 'already_subscribed', 'new_address', 'digest')`),
    check('deliveries_digest', sql`(kind = 'digest') = (digest_id is not null)`),
  ],
);

/** What came back of a delivery: each kind counts once, so that a report that comes again changes nothing. */
export const bounces = pgTable(
  'bounces',
  {
    deliveryId: bigint({ mode: 'number' })
      .notNull()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    kind: text({ enum: ['hard', 'soft', 'complaint'] }).notNull(),
    /** Enhanced status code (RFC 3463), where a server gave one. */
    status: text(),
    reason: text().notNull(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.deliveryId, t.kind] }),
    check('bounces_kind', sql`kind in ('hard', 'soft', 'complaint')`),
  ],
);

/** How fast mail may go, shared by all workers: a receiving domain that has asked for patience, or the whole run. */
export const sendPaces = pgTable('send_paces', {
  /** A domain in lower case, or `*`. */
  key: text().primaryKey(),
  /** Ms from one mail to the next. */
  intervalMs: integer().notNull(),
  /** No mail before this time. */
  nextAt: time().notNull(),
  /** When the interval was last made longer or shorter. */
  changedAt: time().notNull(),
});

/** Addresses that get no mail, kept as a hash so that the list outlives an erased subscriber. */
export const suppressions = pgTable(
  'suppressions',
  {
    emailHash: text().primaryKey(),
    reason: text({ enum: ['hard_bounce', 'soft_bounce', 'complaint', 'manual'] }).notNull(),
    detail: text(),
    createdAt: time().notNull(),
  },
  () => [check('suppressions_reason', sql`reason in ('hard_bounce', 'soft_bounce', 'complaint', 'manual')`)],
);

/** Proof of what a subscriber agreed to, and how and when. */
export const consents = pgTable(
  'consents',
  {
    id: id(),
    subscriberId: subscriberId(),
    action: text({
      enum: ['requested', 'confirmed', 'imported', 'changed', 'paused', 'resumed', 'unsubscribed'],
    }).notNull(),
    via: text({ enum: ['form', 'api', 'cli', 'link', 'one_click', 'mail', 'bounce'] }).notNull(),
    createdAt: time().notNull(),
  },
  (t) => [index().on(t.subscriberId)],
);

/** Facts of the installation that every process must share, such as the generated signing key. */
export const settings = pgTable('settings', {
  key: text().primaryKey(),
  value: text().notNull(),
});
