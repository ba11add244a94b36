/** Readers with a digest each that waits to be sent, as composing leaves them. */
import type postgres from 'postgres';
import type { Context } from '../../src/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';

const PAPERS = 200;
const PAPERS_A_DIGEST = 10;
/** Reader n is at `example${n % DOMAINS}.org`. */
export const DOMAINS = 500;
const SENTENCE =
  'Larger models need less of what smaller ones are given, but only where the data that both have seen is of one kind. ';
/** What most papers of a digest say. */
const REASONS = [
  { kind: 'topic', slug: 'cs-lg', name: 'Machine learning (cs.LG)' },
  { kind: 'trending', upvotes: 58, comments: 4, githubStars: 120, hours: 9 },
];

/** Papers that all digests choose from. */
export async function fillDigestPapers(ctx: Context): Promise<void> {
  const papers = Array.from({ length: PAPERS }, (_, at) =>
    makePaper({
      title: `On the ${at}th way to train a naïve model of something large – and to keep it small`,
      abstract: SENTENCE.repeat(9) + at,
      authors: ['Ada Lovelace', 'Alan Turing', 'Günther Reader', 'Grace Hopper', `Author ${at}`],
      categories: ['cs.LG', 'cs.CL'],
      arxivId: `3001.${10_000 + at}`,
      publishedAt: new Date('2030-01-08T00:00:00Z'),
      codeUrl: `https://github.com/example/model-${at}`,
    }),
  );
  await storePapers(ctx, papers, ctx.now());
}

/** Empties the tables of readers and fills them anew with `count` of them, ids 1 to `count`; so are their deliveries'. */
export async function fillDeliveries(sql: postgres.Sql, count: number, now: Date): Promise<void> {
  await sql`truncate subscribers, digests, digest_papers, deliveries, bounces, send_paces restart identity cascade`;
  await sql`
    insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
    select e, e, md5(e), 'active', 'daily', '{0,1,2,3,4,5,6}', 8, 'UTC', ${now}
    from (select 'reader' || n || '@example' || n % ${DOMAINS}::int || '.org' as e from generate_series(1, ${count}::int) n) made`;
  await sql`
    insert into profiles (subscriber_id, keywords) select id, '{diffusion,robot hands}' from subscribers`;
  await sql`
    insert into profile_topics (subscriber_id, topic_id)
    select s.id, t.id from subscribers s join topics t on (t.id + s.id) % 40 = 0`;
  await sql`
    insert into digests (subscriber_id, edition, composed_at) select id, '2030-01-09', ${now} from subscribers`;
  await sql`
    insert into digest_papers (digest_id, subscriber_id, position, paper_id, score, reasons)
    select d.id, d.subscriber_id, at, (select min(id) from papers) + (d.id * 7 + at * 13) % ${PAPERS}::int, 0.5, ${sql.json(REASONS)}
    from digests d, generate_series(1, ${PAPERS_A_DIGEST}::int) at`;
  await sql`
    insert into deliveries (kind, subscriber_id, digest_id, next_attempt_at, created_at)
    select 'digest', subscriber_id, id, ${now}, ${now} from digests order by id`;
  await sql`vacuum analyze subscribers, digests, digest_papers, deliveries, profiles, profile_topics`;
}
