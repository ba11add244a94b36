/** Finds the reasons for a ranked paper among the very matches that scored it. */
import { findByAuthor } from './authors.ts';
import { findCategory, isCategoryTopic } from './categories.ts';
import type { Reason } from './explain.ts';
import type { Signature } from './likeness.ts';
import { findMatch } from './match.ts';
import type { PaperIndex } from './paper-index.ts';
import type { Part } from './parts.ts';
import { describeTrend, isNotable } from './pull.ts';
import { findAlike, findCompany } from './taste.ts';
import { spellTerms, splitWords, toTerm } from './tokenize.ts';
import { ALIKE } from './tuning.ts';

/** More than this is an argument, not a reason. */
const MAX_REASONS = 3;
/** Enough to show what is meant. */
const MAX_SHARED_WORDS = 3;

/**
 * At most three reasons: the topic or keyword that matched best (whole ones before partial ones), a followed author,
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
  // A faint likeness is told only where it is all there is.
  if (alike && (alike.cosine >= ALIKE || reasons.length === 0)) {
    reasons.push({ kind: 'liked', ...nameOf(index, alike.ordinal) });
  }
  if (reasons.length === 0) {
    const company = findCompany(index, liked, paper);
    if (company !== null) reasons.push({ kind: 'liked-together', ...nameOf(index, company) });
  }
  const trend = index.papers[paper]?.trend ?? null;
  const trendReason = isNotable(index, trend) ? describeTrend(trend) : null;
  return trendReason ? [...reasons.slice(0, MAX_REASONS - 1), trendReason] : reasons.slice(0, MAX_REASONS);
}

function describeInterest(index: PaperIndex, part: Part, whole: boolean, paper: number): Reason[] {
  if (part.kind !== 'topic' && part.kind !== 'keyword') return [];
  if (!whole && part.matches.signature) {
    const words = sharedWords(index, part.matches.signature, paper);
    const to = part.kind === 'topic' ? part.topic.name : part.keyword;
    if (words.length > 0) return [{ kind: 'related', to, words }];
  }
  if (!whole && part.kind === 'topic') return [];
  if (part.kind === 'keyword') {
    const { keyword } = part;
    if (whole) return [{ kind: 'keyword', keyword }];
    const words = wordsIn(index, keyword, paper);
    return words.length > 0 ? [{ kind: 'keyword', keyword, words }] : [];
  }
  const { topic } = part;
  const category = isCategoryTopic(topic) ? findCategory(topic, index.papers[paper]?.categories ?? []) : null;
  return [
    category
      ? { kind: 'category', category, topic: topic.name }
      : { kind: 'topic', slug: topic.slug, name: topic.name },
  ];
}

/** The words of the paper by which it was found to be like others, weightiest first, as it spells them. */
function sharedWords(index: PaperIndex, signature: Signature, paper: number): string[] {
  const { vectorStart, vectorTerms, vectorWeights } = index.postings;
  const wanted = index.scratch.terms;
  signature.terms.forEach((term, at) => {
    wanted[term] = signature.weights[at] ?? 0;
  });
  const shared: { term: number; weight: number }[] = [];
  for (let at = vectorStart[paper] ?? 0; at < (vectorStart[paper + 1] ?? 0); at += 1) {
    const term = vectorTerms[at] ?? 0;
    const weight = (wanted[term] ?? 0) * (vectorWeights[at] ?? 0);
    if (weight > 0) shared.push({ term, weight });
  }
  for (const term of signature.terms) wanted[term] = 0;
  const spellings = spellingsOf(index, paper);
  return shared
    .sort((a, b) => b.weight - a.weight || a.term - b.term)
    .flatMap(({ term }) => spellings.get(term) ?? [])
    .slice(0, MAX_SHARED_WORDS);
}

/** By term number; worked out once for a paper, as the best papers are the best for many. */
function spellingsOf(
  { papers, postings, spellings }: PaperIndex,
  paper: number,
): ReadonlyMap<number, string> {
  const known = spellings.get(paper);
  if (known) return known;
  const { title = '', abstract = '' } = papers[paper] ?? {};
  const found = new Map<number, string>();
  for (const [term, spelling] of spellTerms(`${title} ${abstract}`)) {
    const number = postings.terms.get(term);
    if (number !== undefined) found.set(number, spelling);
  }
  spellings.set(paper, found);
  return found;
}

function nameOf({ papers }: PaperIndex, ordinal: number): { paperId: number; title: string } {
  return { paperId: papers[ordinal]?.id ?? 0, title: papers[ordinal]?.title ?? '' };
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
