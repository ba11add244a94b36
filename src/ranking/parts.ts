/** Takes a profile apart into the things a reader asked for, and finds each one's papers. */
import { findByAuthor } from './authors.ts';
import { findCategory, hasArxivCategory, isCategoryTopic } from './categories.ts';
import { expandMatches } from './expand.ts';
import { matchKeyword, packMatches, remember } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import type { ProfileTopic, ReaderProfile } from './profile.ts';
import { quotedWords } from './query.ts';
import { matchTaste } from './taste.ts';
import { nthLargest } from './top.ts';
import { AUTHOR_RELEVANCE, CATEGORY_RELEVANCE, CATEGORY_WORDS, MOST_EXAMPLES } from './tuning.ts';

/** One thing a reader asked for, with the papers it found. */
export type Part =
  | { kind: 'topic'; topic: ProfileTopic; matches: Matches }
  | { kind: 'keyword'; keyword: string; matches: Matches }
  | { kind: 'author'; author: string; matches: Matches }
  | { kind: 'taste'; matches: Matches };

/** The profile's parts that found any paper, topics first, each distinct one once. */
export function findParts(index: PaperIndex, profile: ReaderProfile): Part[] {
  const topics = [...new Map(profile.topics.map((topic) => [topic.slug, topic])).values()];
  const wishes: Part[] = [
    ...topics.map((topic) => ({ kind: 'topic' as const, topic, matches: matchTopic(index, topic) })),
    ...distinct(profile.keywords).map((keyword) => ({
      kind: 'keyword' as const,
      keyword,
      matches: remember(index.memo.keywords, keyword, () => withLevel(findByKeyword(index, keyword))),
    })),
  ];
  const level = Math.hypot(...wishes.map(({ matches }) => matches.level ?? 0));
  const parts: Part[] = [
    ...wishes,
    ...distinct(profile.authors).map((author) => ({
      kind: 'author' as const,
      author,
      matches: matchAuthor(index, author),
    })),
    { kind: 'taste', matches: matchTaste(index, profile.likedPaperIds, level) },
  ];
  return parts.filter((part) => part.matches.papers.length > 0);
}

/** Who puts words in quotes wants these and no others. */
function findByKeyword(index: PaperIndex, keyword: string): Matches {
  const matches = matchKeyword(index, keyword);
  return quotedWords(keyword) === null ? expandMatches(index, matches) : matches;
}

function withLevel(matches: Matches): Matches {
  const { scores } = matches;
  const least = nthLargest(scores, MOST_EXAMPLES);
  let above = 0;
  let sum = 0;
  for (let at = 0; at < scores.length; at += 1) {
    const score = scores[at] ?? 0;
    if (score <= least) continue;
    above += 1;
    sum += score;
  }
  const level = (sum + least * (Math.min(MOST_EXAMPLES, scores.length) - above)) / MOST_EXAMPLES;
  return { ...matches, level };
}

/** Papers of a topic. The answer is the same for every reader and is worked out once per index. */
function matchTopic(index: PaperIndex, topic: ProfileTopic): Matches {
  // The words are part of the key: an operator may change a topic while an index lives.
  const key = `topic:${topic.slug}\n${topic.name}\n${topic.keywords.join('\n')}\n${topic.categories.join('\n')}`;
  return remember(index.memo.topics, key, () => {
    const byWords = matchTopicWords(index, topic);
    if (!isCategoryTopic(topic)) return withLevel(expandMatches(index, packMatches(byWords)));
    const scores = index.scratch.papers;
    index.papers.forEach(({ categories }, paper) => {
      const inside = findCategory(topic, categories) !== null;
      scores[paper] = scoreInCategory(inside, hasArxivCategory(categories), byWords[paper] ?? 0);
    });
    return withLevel(packMatches(scores));
  });
}

/** Where arXiv says what a paper is, that decides; elsewhere the topic's words do. */
function scoreInCategory(inside: boolean, categorized: boolean, words: number): number {
  if (inside) return CATEGORY_RELEVANCE + CATEGORY_WORDS * Math.min(1, words);
  return categorized ? 0 : words;
}

/**
 * By ordinal, the root of the sum of squares over the topic's name and keywords: they are ways to say one thing, so the
 * best counts most. Only those that are there whole count: "issue" alone says nothing of "issue resolution".
 */
function matchTopicWords(index: PaperIndex, topic: ProfileTopic): Float64Array {
  const squares = new Float64Array(index.papers.length);
  const name = topic.name.replace(/\([^)]*\)$/, '');
  for (const keyword of distinct([name, ...topic.keywords])) {
    const { papers, scores, whole } = matchKeyword(index, keyword);
    papers.forEach((paper, at) => {
      if (whole[at] === 1) squares[paper] = (squares[paper] ?? 0) + (scores[at] ?? 0) ** 2;
    });
  }
  return squares.map(Math.sqrt);
}

function matchAuthor(index: PaperIndex, author: string): Matches {
  const scores = index.scratch.papers;
  for (const { paper } of findByAuthor(index.authors, author)) scores[paper] = AUTHOR_RELEVANCE;
  return packMatches(scores);
}

/** Trimmed, without the empty and those that repeat in other case, first come first. */
function distinct(texts: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const text of texts) {
    const trimmed = text.trim();
    const key = trimmed.toLowerCase();
    if (trimmed && !seen.has(key)) seen.set(key, trimmed);
  }
  return [...seen.values()];
}
