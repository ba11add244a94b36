/** The topics that come with the project. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { projectRoot } from '../project-root.ts';
import { upsertTopics } from './topics.repo.ts';

const seedSchema = z.object({
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(1),
  description: z.string().min(1),
  keywords: z.array(z.string().min(1)),
  categories: z.array(z.string().min(1)),
  group: z.string().min(1),
});

/** Inserts or refreshes them; returns how many there are. */
export async function seedTopics(ctx: Context): Promise<number> {
  const file = await readFile(join(projectRoot, 'seeds', 'topics.json'), 'utf8');
  const topics = z.array(seedSchema).parse(JSON.parse(file));
  await upsertTopics(
    ctx.db,
    topics.map(({ group, ...topic }) => ({ ...topic, groupName: group })),
  );
  return topics.length;
}
