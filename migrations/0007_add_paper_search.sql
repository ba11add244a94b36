-- Everything it calls is of Postgres itself, and named by its place there, so that a restored dump can compute it too.
-- Accents go, and signs that the parser would make host names, paths or numbers below zero of ("GPT-4", "cs.CL") part words.
-- The title also stands unstemmed, for names made of stop words. A vector ends at 1 MB, which only names could fill.
CREATE FUNCTION "paper_search"(title text, authors text[], abstract text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select setweight(to_tsvector('pg_catalog.english', t) || to_tsvector('pg_catalog.simple', t), 'A')
    || setweight(to_tsvector('pg_catalog.simple', a), 'B')
    || setweight(to_tsvector('pg_catalog.english', c), 'C')
  from (select
    regexp_replace(regexp_replace(case when octet_length(title) = char_length(title) then title else normalize(title, nfkd) end, '[\u0300-\u036f]+', '', 'g'), '[-‐‑‒–—/\\_.:+@~&<>=''’]', ' ', 'g') as t,
    regexp_replace(regexp_replace(case when octet_length(names) = char_length(names) then names else normalize(names, nfkd) end, '[\u0300-\u036f]+', '', 'g'), '[-‐‑‒–—/\\_.:+@~&<>=''’]', ' ', 'g') as a,
    regexp_replace(regexp_replace(case when octet_length(abstract) = char_length(abstract) then abstract else normalize(abstract, nfkd) end, '[\u0300-\u036f]+', '', 'g'), '[-‐‑‒–—/\\_.:+@~&<>=''’]', ' ', 'g') as c
    from (select left(array_to_string(authors, ' '), 100000) as names) n
  ) words
$$;--> statement-breakpoint
ALTER TABLE "papers" ADD COLUMN "search" "tsvector" GENERATED ALWAYS AS (paper_search(title, authors, abstract)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "papers_search_index" ON "papers" USING gin ("search");--> statement-breakpoint
CREATE INDEX "papers_dated_at_index" ON "papers" USING btree (coalesce(published_at, first_seen_at));