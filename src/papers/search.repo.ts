/** SQL of the search: which papers hold what was asked for, found through the index of `papers.search`. */
import { type SQL, sql } from 'drizzle-orm';
import { type Database, executePrepared } from '../db/client.ts';
import { NEVER_NEWS } from './paper.ts';
import type { SearchTerm } from './search-query.ts';

/** Papers that are looked at, the newest first: a question for more than these is too broad to page through. */
export const MOST_FOUND = 1000;
/** Of papers that are named so, or by such people: these come first whatever their age. */
const MOST_NAMED = 500;
/** Of all that mention it, so many of the newest are asked: most papers may use a word that few are named by. */
const MOST_ASKED = 20_000;
/** Of D, C (abstract), B (authors) and A (title). */
const RANK_WEIGHTS = '{0, 0.2, 0.6, 1}';

export interface FoundPapers {
  ids: number[];
  /** `MOST_FOUND` where there are that many or more. */
  count: number;
}

/** Papers that hold all terms, `limit` of them from `offset`. There must be one that is not to be left out. */
export async function findPapers(
  db: Database,
  {
    terms,
    newestFirst,
    offset,
    limit,
  }: { terms: readonly SearchTerm[]; newestFirst: boolean; offset: number; limit: number },
): Promise<FoundPapers> {
  const queries = await toQueries(db, terms);
  const page = { order: orderBy(queries, newestFirst), offset, limit };
  const found = await readPage(db, mentioning(queries), page);
  // Where all that mention it are at hand, those that are named so are among them.
  if (newestFirst || found.count < MOST_FOUND) return found;
  return readPage(db, mentioningOrNamed(queries), page);
}

/** The terms as Postgres asks for them: in any part of a paper, and in its title and names alone. */
interface Queries {
  anywhere: SQL;
  named: SQL;
}

function orderBy({ anywhere, named }: Queries, newestFirst: boolean): SQL {
  if (newestFirst) return sql`dated_at desc, id desc`;
  // What is named so in full goes before all that only mentions it.
  return sql`ts_rank(${RANK_WEIGHTS}, search, ${anywhere}) + (search @@ ${named})::int desc, dated_at desc, id desc`;
}

/** `found` defines `mentioning`, whose size counts, and `found`, whose page is read. */
async function readPage(
  db: Database,
  found: SQL,
  { order, offset, limit }: { order: SQL; offset: number; limit: number },
): Promise<FoundPapers> {
  const rows = await db.execute<{ id: string; count: string }>(sql`
    with ${found}
    select id, (select count(*) from mentioning) as count from found
    order by ${order} offset ${offset} limit ${limit}`);
  if (rows.length === 0 && offset > 0) {
    const { count } = await readPage(db, found, { order, offset: 0, limit: 1 });
    return { ids: [], count };
  }
  return { ids: rows.map(({ id }) => Number(id)), count: Number(rows[0]?.count ?? 0) };
}

function newest(query: SQL, most: number): SQL {
  return sql`(
    select id, search, coalesce(published_at, first_seen_at) as dated_at from papers
    where search @@ ${query} and not withdrawn and first_seen_at > ${NEVER_NEWS.toISOString()}
    order by coalesce(published_at, first_seen_at) desc limit ${most})`;
}

function mentioning({ anywhere }: Queries): SQL {
  return sql`mentioning as materialized ${newest(anywhere, MOST_FOUND)}, found as (select * from mentioning)`;
}

function mentioningOrNamed({ anywhere, named }: Queries): SQL {
  return sql`mentioning as materialized ${newest(anywhere, MOST_FOUND)},
    named as (
      select * from ${newest(anywhere, MOST_ASKED)} asked
      where search @@ ${named} order by dated_at desc limit ${MOST_NAMED}),
    found as (select * from mentioning union all select * from named where id not in (select id from mentioning))`;
}

async function toQueries(db: Database, terms: readonly SearchTerm[]): Promise<Queries> {
  const typed = terms.map(({ kind, words }) => (kind === 'author' ? ofPerson(words) : inRow(words, 'AB')));
  const read = await readTerms(db, {
    typed,
    anywhere: terms.map(({ words }) => inRow(words, 'AC')),
    named: terms.map(({ words }) => inRow(words, 'A')),
  });
  const join = (make: (at: number, term: SearchTerm) => string) =>
    terms
      .flatMap((term, at) => {
        const query = make(at, term);
        return query === '' ? [] : `${term.without ? '!' : ''}( ${query} )`;
      })
      .join(' & ');
  // Stemmed or as typed; stop words, of which nothing is left, say nothing beside others.
  const either = (stemmed: 'anywhere' | 'named') =>
    join((at, { kind }) => {
      const { [stemmed]: stems = '', typed: asTyped = '' } = read[at] ?? {};
      if (kind === 'author') return asTyped;
      return stems === '' ? '' : `${stems} | ${asTyped}`;
    });
  // Nothing but stop words: "IT", "Who's who".
  const query = (text: string) => sql`${text === '' ? join((at) => read[at]?.typed ?? '') : text}::tsquery`;
  return { anywhere: query(either('anywhere')), named: query(either('named')) };
}

/** Each term as `tsquery` spells it: stemmed in title and abstract, or in the title alone, and as typed in title and names. */
async function readTerms(
  db: Database,
  { typed, anywhere, named }: Record<'typed' | 'anywhere' | 'named', readonly string[]>,
): Promise<Record<string, string>[]> {
  const list = (texts: readonly string[]) => sql`(select array_agg(value order by ordinality)
    from json_array_elements_text(${JSON.stringify(texts)}::json) with ordinality)`;
  const rows = await executePrepared(
    db,
    sql`select to_tsquery('simple', typed)::text as typed, to_tsquery('english', anywhere)::text as anywhere,
        to_tsquery('english', named)::text as named
      from unnest(${list(typed)}, ${list(anywhere)}, ${list(named)}) as term (typed, anywhere, named)`,
  );
  return rows as Record<string, string>[];
}

/** Words are letters and digits alone, so that quotes hold them. */
const lexeme = (word: string, parts: string) => `'${word}':${parts}`;

function inRow(words: readonly string[], parts: string): string {
  return words.map((word) => lexeme(word, parts)).join(' <-> ');
}

/** An initial stands for any name that begins so, and one more name may stand between two. */
function ofPerson(words: readonly string[]): string {
  const names = words.map((word) => lexeme(word, word.length === 1 ? '*B' : 'B'));
  const [first = ''] = names;
  if (names.length === 1) return first;
  return names
    .slice(1)
    .map((name, at) => `(${names[at]} <-> ${name} | ${names[at]} <2> ${name})`)
    .join(' & ');
}
