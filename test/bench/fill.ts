/** Fills the tables as years of operation would: papers with keys, sightings, counts over time, and readers who were sent them. */
import type postgres from 'postgres';
import { IDS_A_MONTH, READABLE } from './made-papers.ts';

/** About what arXiv announces in a day, with cross-lists and replacements. */
export const PAPERS_A_DAY = 2000;
/** Each was sent ten papers of every day. */
export const READERS = 200;
const CHUNK = 20_000;

const TABLES = [
  'papers',
  'paper_keys',
  'paper_sources',
  'paper_observations',
  'digests',
  'digest_papers',
  'subscribers',
];

/**
 * Empties the tables, then stores papers 1 to `count`, the last one seen at `until` and each one before it a little
 * earlier, so that a day holds as many whatever the count. Ids are the numbers.
 */
export async function fill(
  sql: postgres.Sql,
  count: number,
  until: Date,
  onChunk: (done: number) => void,
): Promise<void> {
  await sql.unsafe(`truncate ${TABLES.join(', ')} restart identity cascade`);
  await sql`set synchronous_commit = off`;
  // References are right by the way they are made. Only a superuser may leave out the check; others wait longer.
  await sql`set session_replication_role = replica`.catch(() => {});
  await sql`
    insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
    select e, e, e, 'active', 'daily', '{0,1,2,3,4,5,6}', 8, 'UTC', ${until}
    from (select 'r' || n || '@example.org' as e from generate_series(1, ${READERS}::int) n) made`;
  for (let from = 1; from <= count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK - 1);
    // One transaction, so that its statements see each other's rows and are one write to disk.
    await sql.begin(async (tx) => {
      await fillPapers(tx, from, to, count, until);
      await fillWhatHangsOnThem(tx, from, to);
    });
    onChunk(to);
  }
  await sql`select setval('papers_id_seq', ${count}::bigint)`;
  await sql.unsafe(`vacuum analyze ${TABLES.join(', ')}`);
}

async function fillPapers(
  tx: postgres.TransactionSql,
  from: number,
  to: number,
  count: number,
  until: Date,
): Promise<void> {
  await tx`
    insert into papers (id, arxiv_id, doi, title, abstract, authors, categories, published_at, url, ranks,
      first_seen_at, updated_at) overriding system value
    select n, arxiv_id, case when n % 10 = 0 then '10.1000/' || n end,
      'On the ' || n || 'th way to train a model of something', ${READABLE}::text || n,
      array['Ada Lovelace', 'Alan Turing', 'Reader ' || n], '{cs.LG,cs.CL}', seen_at - interval '1 day',
      'https://arxiv.org/abs/' || arxiv_id,
      '{"title":19,"abstract":19,"authors":19,"withdrawn":19,"primary":9,"publishedAt":9,"url":9,"codeUrl":0,"doi":9}',
      seen_at, seen_at
    from (
      select n,
        (30 + n / ${IDS_A_MONTH}::int / 12) || lpad((1 + n / ${IDS_A_MONTH}::int % 12)::text, 2, '0') || '.' || (10000 + n % ${IDS_A_MONTH}::int) as arxiv_id,
        ${until}::timestamptz - (${count}::int - n) * interval '1 day' / ${PAPERS_A_DAY}::int as seen_at
      from generate_series(${from}::int, ${to}::int) n
    ) made`;
}

async function fillWhatHangsOnThem(tx: postgres.TransactionSql, from: number, to: number): Promise<void> {
  const made = tx`papers where id between ${from} and ${to}`;
  await tx`
    insert into paper_keys (key, paper_id)
    select 'arxiv:' || arxiv_id, id from ${made}
    union all select 'title:' || lower(title) || '|lovelace', id from ${made}
    union all select 'doi:' || doi, id from ${made} and doi is not null`;
  await tx`
    insert into paper_sources (source, external_id, paper_id, content_hash, first_seen_at, changed_at)
    select 'arxiv', arxiv_id, id, md5(title), first_seen_at, first_seen_at from ${made}
    union all select 'hf', arxiv_id, id, md5(title), first_seen_at, first_seen_at from ${made} and id % 5 = 0`;
  await tx`
    insert into paper_observations (paper_id, source, observed_at, listed_at, upvotes, comments)
    select id, 'hf', first_seen_at + hour * interval '1 hour', first_seen_at, id % 50 + hour, hour / 24
    from (select * from ${made} and id % 5 = 0) listed, generate_series(0, 48, 8) hour`;
  await tx`
    insert into digests (id, subscriber_id, edition, composed_at) overriding system value
    select id / ${PAPERS_A_DAY} * ${READERS} + id % ${READERS}, 1 + id % ${READERS}, id / ${PAPERS_A_DAY}, min(first_seen_at)
    from ${made} group by 1, 2, 3 on conflict do nothing`;
  await tx`
    insert into digest_papers (digest_id, subscriber_id, position, paper_id, score, reasons)
    select id / ${PAPERS_A_DAY} * ${READERS} + id % ${READERS}, 1 + id % ${READERS}, 1 + id % ${PAPERS_A_DAY} / ${READERS}, id, 0.5, '[]'
    from ${made}`;
}
