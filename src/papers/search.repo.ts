/** SQL of the search: which papers hold what was asked for, found through the index of `papers.search`. */
import { type SQL, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
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
  db: Sql,
  {
    terms,
    newestFirst,
    offset,
    limit,
  }: { terms: readonly SearchTerm[]; newestFirst: boolean; offset: number; limit: number },
): Promise<FoundPapers> {
  const { anywhere, named } = await toQueries(db, terms);
  const order = newestFirst
    ? sql`dated_at desc, id desc`
    : // What is named so in full goes before all that only mentions it.
      sql`ts_rank(${RANK_WEIGHTS}, search, ${anywhere}) + (search @@ ${named})::int desc, dated_at desc, id desc`;
  const newest = (query: SQL, most: number, also = sql`true`) => sql`(
    select id, search, coalesce(published_at, first_seen_at) as dated_at from papers
    where search @@ ${query} and not withdrawn and first_seen_at > ${NEVER_NEWS.toISOString()} and ${also}
    order by coalesce(published_at, first_seen_at) desc limit ${most})`;
  // Where all that mention it are at hand, those that are named so are among them.
  const isCut = sql`(select count(*) from mentioning) >= ${MOST_FOUND}`;
  const rows = await db.execute<{ id: string; count: string }>(sql`
    with mentioning as materialized ${newest(anywhere, MOST_FOUND)},
    named as (
      select * from ${newest(anywhere, MOST_ASKED, newestFirst ? sql`false` : isCut)} asked
      where search @@ ${named} order by dated_at desc limit ${MOST_NAMED}),
    found as (select * from mentioning union all select * from named where id not in (select id from mentioning))
    select id, (select count(*) from mentioning) as count from found
    order by ${order} offset ${offset} limit ${limit}`);
  if (rows.length === 0 && offset > 0) {
    const { count } = await findPapers(db, { terms, newestFirst, offset: 0, limit: 1 });
    return { ids: [], count };
  }
  return { ids: rows.map(({ id }) => Number(id)), count: Number(rows[0]?.count ?? 0) };
}

/** The terms as Postgres asks for them: in any part of a paper, and in its title and names alone. */
async function toQueries(db: Sql, terms: readonly SearchTerm[]): Promise<{ anywhere: SQL; named: SQL }> {
  const joined = (make: (term: SearchTerm) => SQL) =>
    sql`(${sql.join(
      terms.map((term) => (term.without ? sql`(!! ${make(term)})` : make(term))),
      sql` && `,
    )})::text`;
  const [row] = await db.execute<{ anywhere: string; named: string; as_typed: string }>(sql`
    select ${joined((term) => toQuery(term, 'AC'))} as anywhere, ${joined((term) => toQuery(term, 'A'))} as named,
      ${joined((term) => asTyped(term))} as as_typed`);
  const { anywhere = '', named = '', as_typed: typed = '' } = row ?? {};
  // Nothing but stop words: "IT", "Who's who".
  const query = (text: string) => sql`${text === '' ? typed : text}::tsquery`;
  return { anywhere: query(anywhere), named: query(named) };
}

/** Stemmed in these parts (A, C) or as typed in title and names; empty for stop words, which say nothing beside others. */
function toQuery(term: SearchTerm, parts: string): SQL {
  if (term.kind === 'author') return asTyped(term);
  const stemmed = sql`to_tsquery('english', ${inRow(term.words, parts)})`;
  return sql`(case when numnode(${stemmed}) = 0 then ''::tsquery else ${stemmed} || ${asTyped(term)} end)`;
}

function asTyped({ kind, words }: SearchTerm): SQL {
  return sql`to_tsquery('simple', ${kind === 'author' ? ofPerson(words) : inRow(words, 'AB')})`;
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
