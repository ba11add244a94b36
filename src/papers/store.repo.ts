/** SQL for storing papers in bulk: each statement takes a whole batch as one JSON value, which costs a tenth of one parameter a field. */
import { type SQL, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import type { paperObservations } from '../db/schema.ts';
import type { MergedPaper, Ranks } from './merge.ts';
import type { Paper } from './paper.ts';

export interface StoredRow extends MergedPaper {
  id: number;
  firstSeenAt: Date;
}

/** Any number, the same in every process. */
const INGESTION_LOCK = 7_274_902;

/** One batch at a time, until the transaction ends. */
export async function lockIngestion(tx: Sql): Promise<void> {
  // The commit need not wait for the disk: should the machine die, papers and cursor are lost together and read again.
  await tx.execute(sql`set local synchronous_commit = off`);
  await tx.execute(sql`select pg_advisory_xact_lock(${INGESTION_LOCK})`);
}

/** What is known of these records from the last time, by source and id (joined with a line break). */
export async function findSightings(
  tx: Sql,
  batch: readonly Paper[],
): Promise<Map<string, { contentHash: string; paperId: number }>> {
  const rows = await tx.execute<{
    source: string;
    external_id: string;
    content_hash: string;
    paper_id: string;
  }>(sql`
    select s.source, s.external_id, s.content_hash, s.paper_id
    from ${records(
      batch.map(({ source, externalId }) => ({ source, externalId })),
      'source text, "externalId" text',
    )}
    join paper_sources s on s.source = r.source and s.external_id = r."externalId"`);
  return new Map(
    rows.map((row) => [
      `${row.source}\n${row.external_id}`,
      { contentHash: row.content_hash, paperId: Number(row.paper_id) },
    ]),
  );
}

/** The papers that own any of the keys, and those of the ids, with which key is whose. */
export async function listPapersByKey(
  tx: Sql,
  keys: readonly string[],
  ids: readonly number[],
): Promise<{ rows: StoredRow[]; owners: { key: string; paperId: number }[] }> {
  if (keys.length + ids.length === 0) return { rows: [], owners: [] };
  // Joined, not `key = any(…)`: for that many keys Postgres would read a table of middling size from end to end.
  const owned = await tx.execute<{ key: string; paper_id: string }>(sql`
    select k.key, k.paper_id
    from ${records(
      keys.map((key) => ({ key })),
      'key text',
    )} join paper_keys k on k.key = r.key`);
  const owners = owned.map((row) => ({ key: row.key, paperId: Number(row.paper_id) }));
  const wanted = [...new Set([...ids, ...owners.map(({ paperId }) => paperId)])];
  if (wanted.length === 0) return { rows: [], owners };
  const rows = await tx.execute<Record<string, unknown>>(sql`
    select id, arxiv_id, doi, version, title, abstract, authors, categories, published_at, withdrawn, url, code_url,
      venue, open_access_url, fields_of_study, ranks, first_seen_at
    from ${records(
      wanted.map((wantedId) => ({ wantedId })),
      '"wantedId" bigint',
    )} join papers on id = r."wantedId"`);
  return { rows: rows.map(toStoredRow), owners };
}

function toStoredRow(row: Record<string, unknown>): StoredRow {
  return {
    id: Number(row.id),
    arxivId: row.arxiv_id as string | null,
    doi: row.doi as string | null,
    version: row.version as number,
    title: row.title as string,
    abstract: row.abstract as string,
    authors: row.authors as string[],
    categories: row.categories as string[],
    publishedAt: row.published_at ? new Date(row.published_at as string) : null,
    withdrawn: row.withdrawn as boolean,
    url: row.url as string | null,
    codeUrl: row.code_url as string | null,
    venue: row.venue as string | null,
    openAccessUrl: row.open_access_url as string | null,
    fieldsOfStudy: row.fields_of_study as string[],
    ranks: row.ranks as Ranks,
    firstSeenAt: new Date(row.first_seen_at as string),
  };
}

const CONTENT = `"arxivId" text, doi text, version int, title text, abstract text, authors text[], categories text[],
  "publishedAt" timestamptz, withdrawn boolean, url text, "codeUrl" text, venue text, "openAccessUrl" text,
  "fieldsOfStudy" text[], ranks jsonb, "firstSeenAt" timestamptz`;
const CONTENT_COLUMNS = sql.raw(
  'arxiv_id, doi, version, title, abstract, authors, categories, published_at, withdrawn, url, code_url, venue, open_access_url, fields_of_study, ranks, first_seen_at',
);
const CONTENT_VALUES = sql.raw(
  'r."arxivId", r.doi, r.version, r.title, r.abstract, r.authors, r.categories, r."publishedAt", r.withdrawn, r.url, r."codeUrl", r.venue, r."openAccessUrl", r."fieldsOfStudy", r.ranks, r."firstSeenAt"',
);

/** Ids for papers to be, so that what hangs on them can be written without waiting for them. */
export async function takePaperIds(tx: Sql, count: number): Promise<number[]> {
  if (count === 0) return [];
  const [taken] = await tx.execute<{ ids: string[] }>(
    sql`select array(select nextval('papers_id_seq') from generate_series(1, ${count}::int)) as ids`,
  );
  return (taken?.ids ?? []).map(Number);
}

/** A paper as it is to be written. */
interface PaperRow {
  id: number | null;
  content: MergedPaper;
  firstSeenAt: Date;
}

export async function insertPapers(tx: Sql, rows: readonly PaperRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into papers (id, updated_at, ${CONTENT_COLUMNS}) overriding system value
    select r.id, ${now.toISOString()}::timestamptz, ${CONTENT_VALUES}
    from ${contentRecords(rows)}`);
}

export async function updatePapers(tx: Sql, rows: readonly PaperRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    update papers set (updated_at, ${CONTENT_COLUMNS}) = (select ${now.toISOString()}::timestamptz, ${CONTENT_VALUES})
    from ${contentRecords(rows)}
    where papers.id = r.id`);
}

/** Moves all that hangs on the paper `other` to `kept`, and deletes it. What `kept` has already stays. */
export async function absorbPaper(tx: Sql, kept: number, other: number): Promise<void> {
  for (const [table, alone] of [
    ['paper_keys', sql`true`],
    ['paper_sources', sql`true`],
    ['paper_observations', unlessKept('paper_observations', kept, ['source', 'observed_at'])],
    ['digest_papers', unlessKept('digest_papers', kept, ['subscriber_id'])],
    ['feedback', unlessKept('feedback', kept, ['subscriber_id'])],
  ] as [string, SQL][]) {
    await tx.execute(
      sql`update ${sql.identifier(table)} t set paper_id = ${kept} where t.paper_id = ${other} and ${alone}`,
    );
  }
  // A reader who got both got one paper twice; the second mention goes with the second row.
  await tx.execute(sql`delete from digest_papers where paper_id = ${other}`);
  await tx.execute(sql`delete from papers where id = ${other}`);
}

function unlessKept(table: string, kept: number, columns: readonly string[]): SQL {
  const same = sql.join(
    columns.map((column) => sql`k.${sql.identifier(column)} = t.${sql.identifier(column)}`),
    sql` and `,
  );
  return sql`not exists (select 1 from ${sql.identifier(table)} k where k.paper_id = ${kept} and ${same})`;
}

export async function saveKeys(tx: Sql, rows: readonly { key: string; paperId: number }[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into paper_keys (key, paper_id)
    select r.key, r."paperId" from ${records(rows, 'key text, "paperId" bigint')}
    on conflict (key) do nothing`);
}

export async function saveSightings(
  tx: Sql,
  rows: readonly { paper: Paper; paperId: number; contentHash: string; at: Date }[],
): Promise<void> {
  // A batch may tell of one record twice; the last time counts.
  const last = new Map(
    rows.map(({ paper: { source, externalId }, ...row }) => [
      `${source}\n${externalId}`,
      { source, externalId, ...row },
    ]),
  );
  if (last.size === 0) return;
  await tx.execute(sql`
    insert into paper_sources (source, external_id, paper_id, content_hash, first_seen_at, changed_at)
    select r.source, r."externalId", r."paperId", r."contentHash", r.at, r.at
    from ${records([...last.values()], 'source text, "externalId" text, "paperId" bigint, "contentHash" text, at timestamptz')}
    on conflict (source, external_id) do update
    set paper_id = excluded.paper_id, content_hash = excluded.content_hash, changed_at = excluded.changed_at`);
}

export async function insertObservations(
  tx: Sql,
  rows: readonly (typeof paperObservations.$inferInsert)[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into paper_observations (paper_id, source, observed_at, listed_at, upvotes, comments, github_stars, citations)
    select r."paperId", r.source, r."observedAt", r."listedAt", r.upvotes, r.comments, r."githubStars", r.citations
    from ${records(rows, '"paperId" bigint, source text, "observedAt" timestamptz, "listedAt" timestamptz, upvotes int, comments int, "githubStars" int, citations int')}
    on conflict do nothing`);
}

function contentRecords(rows: readonly PaperRow[]): SQL {
  return records(
    rows.map(({ id, content, firstSeenAt }) => ({ id, ...content, firstSeenAt })),
    `id bigint, ${CONTENT}`,
  );
}

/** Rows as a table: one JSON value, whatever their number. `columns` are names and types as SQL spells them. */
function records(rows: readonly object[], columns: string): SQL {
  // Through text, or the driver would make a JSON string of the JSON.
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as ${sql.raw(`r(${columns})`)}`;
}
