/** Topics as readers choose them: by slug. */
import type { Sql } from '../db/client.ts';
import { inputError } from './subscription-input.ts';
import { listTopicIds, listTopics, type Topic } from './topics.repo.ts';

export interface TopicGroup {
  name: string;
  topics: { slug: string; name: string; description: string }[];
}

/** All topics in their groups, both in the order of the seeds: named fields first, then the arXiv's own categories. */
export async function listTopicGroups(db: Sql): Promise<TopicGroup[]> {
  const groups = new Map<string, TopicGroup>();
  for (const { slug, name, description, groupName } of await listTopics(db)) {
    const group = groups.get(groupName) ?? { name: groupName, topics: [] };
    group.topics.push({ slug, name, description });
    groups.set(groupName, group);
  }
  const isCategory = ({ name }: TopicGroup) => Number(isCategoryTopic({ groupName: name }));
  return [...groups.values()].sort((a, b) => isCategory(a) - isCategory(b));
}

/** One of the arXiv's own categories, and no named field. */
function isCategoryTopic({ groupName }: { groupName: string }): boolean {
  return groupName.startsWith('arXiv');
}

/** The topics that are the arXiv's own categories. */
export async function listCategoryTopics(db: Sql): Promise<Topic[]> {
  return (await listTopics(db)).filter(isCategoryTopic);
}

/** Those of `topics` that stand for these arXiv categories, by category. */
export function findCategoryTopics(
  topics: readonly Topic[],
  categories: readonly string[],
): Map<string, { slug: string; name: string }> {
  return new Map(
    categories.flatMap((category) => {
      const archive = category.split('.')[0] ?? '';
      const topic =
        topics.find((each) => each.categories.includes(category)) ??
        topics.find((each) => each.categories.includes(archive));
      return topic ? [[category, topic]] : [];
    }),
  );
}

/** The ids of these topics. Throws AppError `INPUT_INVALID` that names every slug which is no topic. */
export async function getTopicIds(db: Sql, slugs: readonly string[]): Promise<number[]> {
  if (slugs.length === 0) return [];
  const known = new Map((await listTopicIds(db, slugs)).map(({ slug, id }) => [slug, id]));
  const unknown = slugs.filter((slug) => !known.has(slug));
  if (unknown.length > 0) {
    throw inputError([
      { field: 'topics', message: `holds no topic of ours: ${unknown.slice(0, 3).join(', ')}` },
    ]);
  }
  return slugs.flatMap((slug) => known.get(slug) ?? []);
}
