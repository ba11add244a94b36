/** Finds the reasons for a ranked paper among the very matches that scored it. */
import { findByAuthor } from './authors.ts';
import { findCategory, isCategoryTopic } from './categories.ts';
import type { Reason } from './explain.ts';
import { findMatch } from './match.ts';
import type { PaperIndex } from './paper-index.ts';
import type { Part } from './parts.ts';
import { describeTrend, isNotable } from './pull.ts';
import { findAlike } from './taste.ts';
import { splitWords, toTerm } from './tokenize.ts';
import { ALIKE } from './tuning.ts';

/** More than this is an argument, not a reason. */
const MAX_REASONS = 3;

/**
 * One to three reasons: the topic or keyword that matched best (whole ones before partial ones), a followed author,
 * a liked paper, and the trend where it stands out. `liked` are paper ids.
 */
export function findReasons(
  index: PaperIndex,
  parts: readonly Part[],
  liked: readonly number[],
  paper: number,
): Reason[] {
  const matched = parts
    .flatMap((part) => {
      const at = findMatch(part.matches, paper);
      return at < 0
        ? []
        : [{ part, score: part.matches.scores[at] ?? 0, whole: part.matches.whole[at] ?? 0 }];
    })
    .sort((a, b) => b.whole - a.whole || b.score - a.score);
  const reasons: Reason[] = [];
  const interest = matched.find(({ part }) => part.kind === 'topic' || part.kind === 'keyword');
  if (interest) reasons.push(...describeInterest(index, interest.part, interest.whole === 1, paper));
  for (const { part } of matched)
    if (part.kind === 'author') reasons.push(...describeAuthor(index, part.author, paper));
  const alike = matched.some(({ part }) => part.kind === 'taste') ? findAlike(index, liked, paper) : null;
  const likedPaper = alike && index.papers[alike.ordinal];
  // A faint likeness is told only where it is all there is.
  if (likedPaper && (alike.cosine >= ALIKE || reasons.length === 0)) {
    reasons.push({ kind: 'liked', paperId: likedPaper.id, title: likedPaper.title });
  }
  const trend = index.papers[paper]?.trend ?? null;
  const trendReason = isNotable(index, trend) ? describeTrend(trend) : null;
  return trendReason ? [...reasons.slice(0, MAX_REASONS - 1), trendReason] : reasons.slice(0, MAX_REASONS);
}

function describeInterest(index: PaperIndex, part: Part, whole: boolean, paper: number): Reason[] {
  if (part.kind === 'keyword') {
    const { keyword } = part;
    return [
      whole
        ? { kind: 'keyword', keyword }
        : { kind: 'keyword', keyword, words: wordsIn(index, keyword, paper) },
    ];
  }
  if (part.kind !== 'topic') return [];
  const { topic } = part;
  const category = isCategoryTopic(topic) ? findCategory(topic, index.papers[paper]?.categories ?? []) : null;
  return [
    category
      ? { kind: 'category', category, topic: topic.name }
      : { kind: 'topic', slug: topic.slug, name: topic.name },
  ];
}

function describeAuthor(index: PaperIndex, author: string, paper: number): Reason[] {
  const found = findByAuthor(index.authors, author).find((entry) => entry.paper === paper);
  return found ? [{ kind: 'author', name: found.name }] : [];
}

/** The keyword's words that stand in the paper, as a reader would write them. */
function wordsIn({ postings }: PaperIndex, keyword: string, paper: number): string[] {
  const found = splitWords(keyword).filter(({ text }) => {
    const term = toTerm(text);
    const number = term === null ? undefined : postings.terms.get(term);
    if (number === undefined) return false;
    return postings.papers.subarray(postings.start[number], postings.start[number + 1]).includes(paper);
  });
  const words = found.some(({ alias }) => !alias) ? found.filter(({ alias }) => !alias) : found;
  return [...new Set(words.map(({ text }) => text))];
}
