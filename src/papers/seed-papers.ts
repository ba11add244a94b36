/** Real papers that come with the project, for a first day without any source in reach. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { projectRoot } from '../project-root.ts';
import { type Paper, paperSchema } from './paper.ts';
import { storePapers } from './store.ts';

const seedSchema = z.object({
  arxivId: z.string().nullable(),
  title: z.string(),
  authors: z.array(z.string()),
  published: z.string().nullable(),
  day: z.iso.date().nullable(),
  upvotes: z.number().nullable(),
  comments: z.number().nullable(),
  githubStars: z.number().nullable(),
  /** arXiv's own. */
  categories: z.array(z.string()),
  /** Ours, for papers whose categories the listing did not tell. */
  fields: z.array(z.string()),
  summary: z.string(),
});

const DAY_MS = 24 * 3600_000;
/** The newest day of the seeds is shown as listed this long ago, each day before it a day earlier. */
const NEWEST_AGE_MS = 9 * 3600_000;
/** Papers without a day are spread over this many. */
const SPREAD_DAYS = 7;

/** Stores the seeds as if they had been listed in the days before now, and returns how many are new. */
export async function seedPapers(ctx: Context): Promise<number> {
  const now = ctx.now();
  const seeds = z
    .array(seedSchema)
    .parse(JSON.parse(await readFile(join(projectRoot, 'seeds', 'papers.json'), 'utf8')));
  const days = [...new Set(seeds.flatMap(({ day }) => day ?? []))].sort().reverse();
  const seenAt = new Map<Paper, Date>();
  const papers = seeds.map((seed, at) => {
    const daysAgo = seed.day ? days.indexOf(seed.day) : at % SPREAD_DAYS;
    const listedAt = new Date(now.getTime() - NEWEST_AGE_MS - daysAgo * DAY_MS);
    const paper = {
      arxivId: seed.arxivId,
      title: seed.title,
      abstract: seed.summary,
      authors: seed.authors,
      categories: seed.categories.length > 0 ? seed.categories : seed.fields,
      publishedAt: seed.published ? new Date(seed.published) : null,
      url: seed.arxivId ? `https://arxiv.org/abs/${seed.arxivId}` : null,
      trend:
        seed.upvotes === null
          ? null
          : {
              observedAt: now,
              listedAt,
              upvotes: seed.upvotes,
              comments: seed.comments,
              githubStars: seed.githubStars,
            },
    };
    const draft = { ...paper, doi: null };
    const parsed = paperSchema.parse({
      ...draft,
      source: 'seed',
      externalId: seed.arxivId ?? seed.title,
    });
    seenAt.set(parsed, listedAt);
    return parsed;
  });
  const { inserted } = await ctx.db.transaction((tx) =>
    storePapers(tx, papers, (paper) => seenAt.get(paper) ?? now),
  );
  ctx.log.info({ event: 'seed.papers', inserted });
  return inserted;
}
