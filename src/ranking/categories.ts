/** Says which of a paper's arXiv categories a topic is about, and whether the topic is the category itself. */
import type { ProfileTopic } from './profile.ts';

const ARCHIVES = new Set(
  (
    'astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics ' +
    'q-bio q-fin quant-ph stat'
  ).split(' '),
);

/** The first of a paper's categories that the topic covers, or null. A bare archive covers all its categories. */
export function findCategory(topic: ProfileTopic, categories: readonly string[]): string | null {
  const covers = (wanted: string, category: string) =>
    category === wanted || category.startsWith(`${wanted}.`);
  return categories.find((category) => topic.categories.some((wanted) => covers(wanted, category))) ?? null;
}

/**
 * Whether being in the category is all the topic asks: its slug spells one of its categories (`cs-cl` for `cs.CL`),
 * or it has no words. Any other topic names the categories where its papers usually appear.
 */
export function isCategoryTopic(topic: ProfileTopic): boolean {
  if (topic.categories.length === 0) return false;
  const spelled = topic.categories.some(
    (category) => category.toLowerCase().replace('.', '-') === topic.slug,
  );
  return spelled || topic.keywords.length === 0;
}

/** Whether arXiv has said where the paper belongs, so that words need not guess. */
export function hasArxivCategory(categories: readonly string[]): boolean {
  return categories.some((category) => ARCHIVES.has(category.split('.', 1)[0] ?? ''));
}
