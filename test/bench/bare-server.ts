/**
 * The least that a site in Node could do: Fastify without plugins, one statement and one string for each route of
 * `http.ts`. What Paperboy's pages are measured by. Run with DATABASE_URL and PORT.
 */
import fastify from 'fastify';
import postgres from 'postgres';

interface Row {
  id: string;
  title: string;
  abstract: string;
  authors: string[];
}

const sql = postgres(process.env.DATABASE_URL ?? '', { onnotice: () => {} });
const app = fastify();
app.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  async (_request: unknown, text: string) => Object.fromEntries(new URLSearchParams(text)),
);

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function page(title: string, papers: readonly Row[], chars = 280): string {
  const items = papers.map(
    (paper) =>
      `<li><h3><a href="/papers/${paper.id}">${escapeHtml(paper.title)}</a></h3><p>${escapeHtml(paper.authors.join(', '))}</p><p>${escapeHtml(paper.abstract.slice(0, chars))}</p></li>`,
  );
  return `<!doctype html><html lang="en"><head><title>${escapeHtml(title)}</title></head><body><ol>${items.join('')}</ol></body></html>`;
}

app.addHook('onSend', async (_request, reply) => {
  reply.type('text/html; charset=utf-8');
});
app.get('/', async () => {
  const papers = await sql<Row[]>`select id, title, abstract, authors from papers
    where not withdrawn order by first_seen_at desc, id desc limit 30`;
  return page('Trending', papers);
});
app.get<{ Params: { slug: string } }>('/topics/:slug', async ({ params }) => {
  const papers = await sql<Row[]>`select id, title, abstract, authors from papers
    where not withdrawn and categories @> ${[params.slug.replace('cs-', 'cs.').toUpperCase().replace('CS.', 'cs.')]}
    order by first_seen_at desc, id desc limit 30`;
  return page(params.slug, papers);
});
app.get<{ Querystring: { q: string } }>('/search', async ({ query }) => {
  // The best of the newest thousand, as Paperboy's does.
  const papers = await sql<Row[]>`
    select id, title, abstract, authors from (
      select *, coalesce(published_at, first_seen_at) as dated_at from papers
      where search @@ websearch_to_tsquery('english', ${query.q}) and not withdrawn
      order by coalesce(published_at, first_seen_at) desc limit 1000) found
    order by ts_rank(search, websearch_to_tsquery('english', ${query.q})) desc, dated_at desc limit 20`;
  return page(query.q, papers);
});
app.get<{ Params: { id: string } }>('/papers/:id', async ({ params }) => {
  const papers = await sql<Row[]>`select p.id, title, abstract, authors from papers p
    join paper_keys k on k.paper_id = p.id where k.key = ${`arxiv:${params.id}`}`;
  return page(papers[0]?.title ?? '', papers, 5000);
});
app.post<{ Body: { email: string } }>('/subscribe', async ({ body }, reply) => {
  const { email } = body;
  await sql`insert into subscribers (email, email_key, email_hash, status, frequency, weekdays, hour, timezone, created_at)
    values (${email}, ${`bare:${email}`}, ${email}, 'pending', 'daily', '{1}', 8, 'UTC', now())`;
  return reply.redirect('/subscribed', 303);
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
console.log('listening');
