/** Takes a batch of records into the database: each becomes a new paper, changes one, joins one, or is known already. */
import { hash } from 'node:crypto';
import type { Sql } from '../db/client.ts';
import { haveDifferentIds, strongKeys, titleKey } from './identity.ts';
import { isSameContent, type MergedPaper, mergePapers, toMerged } from './merge.ts';
import { NEVER_NEWS, type Paper } from './paper.ts';
import {
  absorbPaper,
  findSightings,
  insertObservations,
  insertPapers,
  listPapersByKey,
  lockIngestion,
  type StoredRow,
  saveKeys,
  saveSightings,
  takePaperIds,
  updatePapers,
} from './store.repo.ts';

export interface StoreCounts {
  inserted: number;
  /** Papers whose content changed. */
  updated: number;
  /** Records of a paper that another source had told of first. */
  merged: number;
}

/** A paper as this batch makes it: a row that is there, or one to be. */
interface Entity {
  id: number | null;
  content: MergedPaper;
  stored: MergedPaper | null;
  firstSeenAt: Date;
  /** Keys that are not yet its own in the database. */
  newKeys: Set<string>;
  /** Rows that turned out to be the same paper. */
  absorbed: number[];
}

/**
 * Stores one batch inside the caller's transaction. Batches take turns across all workers, so two that tell of the same
 * new paper at once make one. `seenAt` is when a new paper became known here, `NEVER_NEWS` for what a reader told.
 */
export async function storePapers(
  tx: Sql,
  batch: readonly Paper[],
  seenAt: (paper: Paper) => Date,
): Promise<StoreCounts> {
  const [first] = batch;
  if (!first) return { inserted: 0, updated: 0, merged: 0 };
  const now = seenAt(first);
  await lockIngestion(tx);
  const known = await findSightings(tx, batch);
  const sightingKey = ({ source, externalId }: Paper) => `${source}\n${externalId}`;
  const records = batch.map((paper) => ({
    paper,
    hash: hashOf(paper),
    sighting: known.get(sightingKey(paper)),
  }));
  const fresh = records.filter(({ hash, sighting }) => sighting?.contentHash !== hash);

  const counts = { inserted: 0, updated: 0, merged: 0 };
  const book = await openBook(tx, fresh);
  const entityOf = new Map<Paper, Entity>();
  for (const { paper, sighting } of fresh) {
    const entity = book.enter(paper, sighting?.paperId ?? null, seenAt(paper));
    entityOf.set(paper, entity);
    if (!sighting && entity.id !== null) counts.merged++;
  }

  const entities = [...new Set([...entityOf.values()].map(book.current))];
  const added = entities.filter(({ id }) => id === null);
  const ids = await takePaperIds(tx, added.length);
  added.forEach((entity, at) => {
    entity.id = ids[at] ?? null;
  });
  const changed = entities.filter(
    ({ stored, content }) => stored !== null && !isSameContent(stored, content),
  );
  // Before all else is written, as the row that stays may take over an arXiv id that only one row can hold.
  const keptFor = new Map<number, number>();
  for (const { id, absorbed } of entities) {
    for (const other of absorbed) {
      await absorbPaper(tx, id ?? 0, other);
      keptFor.set(other, id ?? 0);
    }
  }
  const idOf = (paper: Paper, fallback: number | undefined) => {
    const entity = entityOf.get(paper);
    if (entity) return book.current(entity).id ?? 0;
    // An unchanged record, whose paper another record of this batch may just have joined to its twin.
    return keptFor.get(fallback ?? 0) ?? fallback ?? 0;
  };
  // Sent at once and done in this order: the database works on one while the next is written out.
  await Promise.all([
    insertPapers(tx, added, now),
    updatePapers(tx, changed, now),
    saveKeys(
      tx,
      entities.flatMap(({ id, newKeys }) => [...newKeys].map((key) => ({ key, paperId: id ?? 0 }))),
    ),
    saveSightings(
      tx,
      fresh.map(({ paper, hash }) => ({
        paper,
        contentHash: hash,
        paperId: idOf(paper, undefined),
        at: seenAt(paper),
      })),
    ),
    insertObservations(
      tx,
      records.flatMap(({ paper, sighting }) =>
        paper.trend
          ? [{ paperId: idOf(paper, sighting?.paperId), source: paper.source, ...paper.trend }]
          : [],
      ),
    ),
  ]);
  counts.inserted = added.length;
  counts.updated = changed.length;
  return counts;
}

/** The papers that a batch may speak of, found again by key as the batch goes on. */
async function openBook(
  tx: Sql,
  records: readonly { paper: Paper; sighting: { paperId: number } | undefined }[],
) {
  const keys = records.flatMap(({ paper }) => [...strongKeys(paper), titleKey(paper) ?? []].flat());
  const sighted = records.flatMap(({ sighting }) => sighting?.paperId ?? []);
  const byKey = new Map<string, Entity>();
  const byId = new Map<number, Entity>();
  /** An entity that was joined to another one lives on in that. */
  const joined = new Map<Entity, Entity>();
  const { rows, owners } = await listPapersByKey(tx, [...new Set(keys)], [...new Set(sighted)]);
  for (const row of rows) byId.set(row.id, fromRow(row));
  for (const { key, paperId } of owners) {
    const entity = byId.get(paperId);
    if (entity) byKey.set(key, entity);
  }

  const current = (entity: Entity): Entity => {
    const next = joined.get(entity);
    return next ? current(next) : entity;
  };

  /** The entity of this record, with the record merged into it. */
  const enter = (paper: Paper, sightedId: number | null, seenAt: Date): Entity => {
    const strong = strongKeys(paper);
    const title = titleKey(paper);
    const found = strong.flatMap((key) => byKey.get(key) ?? []).map(current);
    const before = sightedId === null ? undefined : byId.get(sightedId);
    if (before) found.push(current(before));
    const alike = title === null ? undefined : byKey.get(title);
    if (alike && !haveDifferentIds(current(alike).content, paper)) found.push(current(alike));
    const [first, ...others] = [...new Set(found)].sort(byAge);
    const record = toMerged(paper);
    let entity: Entity;
    if (first) {
      // A reader's word makes no one paper of two.
      if (isNews(seenAt)) for (const other of others) join(first, other);
      tell(first, record, seenAt);
      entity = first;
    } else {
      entity = {
        id: null,
        content: record,
        stored: null,
        firstSeenAt: seenAt,
        newKeys: new Set(),
        absorbed: [],
      };
    }
    for (const key of title === null ? strong : [...strong, title]) {
      if (byKey.has(key)) continue;
      byKey.set(key, entity);
      entity.newKeys.add(key);
    }
    return entity;
  };

  const join = (kept: Entity, other: Entity): void => {
    const { content, firstSeenAt } = kept;
    kept.content = other.content;
    kept.firstSeenAt = other.firstSeenAt;
    // The row that stays has the last word.
    tell(kept, content, firstSeenAt);
    for (const key of other.newKeys) kept.newKeys.add(key);
    if (other.id !== null) kept.absorbed.push(other.id);
    kept.absorbed.push(...other.absorbed);
    joined.set(other, kept);
  };

  return { enter, current };
}

const isNews = (seenAt: Date) => seenAt.getTime() !== NEVER_NEWS.getTime();

/**
 * Adds what one more record or row says of a paper. What readers told of it says nothing beside what a source tells: else
 * a stranger's list could put words into a paper for everyone, or make it too old to be news.
 */
function tell(entity: Entity, content: MergedPaper, seenAt: Date): void {
  if (isNews(entity.firstSeenAt) !== isNews(seenAt)) {
    if (!isNews(seenAt)) return;
    entity.content = content;
    entity.firstSeenAt = seenAt;
    return;
  }
  entity.content = mergePapers(entity.content, content);
  if (seenAt < entity.firstSeenAt) entity.firstSeenAt = seenAt;
}

/** Rows that are there before rows to be, older ones first: links to a paper live on. */
function byAge(a: Entity, b: Entity): number {
  return (a.id ?? Number.MAX_SAFE_INTEGER) - (b.id ?? Number.MAX_SAFE_INTEGER);
}

function fromRow({ id, firstSeenAt, ...content }: StoredRow): Entity {
  return { id, content, stored: content, firstSeenAt, newKeys: new Set(), absorbed: [] };
}

/** Of all that a record says of the paper itself; counts change all day and are kept as observations. */
function hashOf({ trend, ...record }: Paper): string {
  return hash('sha1', JSON.stringify(record), 'base64');
}
