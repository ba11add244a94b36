/** SQL for topics: the list readers choose from. */
import { asc, inArray, sql } from 'drizzle-orm';
import type { Sql } from '../db/client.ts';
import { topics } from '../db/schema.ts';

export type Topic = typeof topics.$inferSelect;
export type NewTopic = Omit<typeof topics.$inferInsert, 'id' | 'position'>;

export async function listTopics(db: Sql): Promise<Topic[]> {
  return db.select().from(topics).orderBy(asc(topics.position));
}

/** Those of these slugs that there are. */
export async function listTopicIds(db: Sql, slugs: readonly string[]): Promise<Pick<Topic, 'id' | 'slug'>[]> {
  return db
    .select({ id: topics.id, slug: topics.slug })
    .from(topics)
    .where(inArray(topics.slug, [...slugs]));
}

/** Inserts or refreshes topics by slug; their order is the order of the list. Subscribers keep what they chose. */
export async function upsertTopics(db: Sql, list: readonly NewTopic[]): Promise<void> {
  await db
    .insert(topics)
    .values(list.map((topic, position) => ({ ...topic, position })))
    .onConflictDoUpdate({
      target: topics.slug,
      set: {
        name: sql`excluded.name`,
        description: sql`excluded.description`,
        groupName: sql`excluded.group_name`,
        position: sql`excluded.position`,
        keywords: sql`excluded.keywords`,
        categories: sql`excluded.categories`,
      },
    });
}
