/**
 * Widens what a keyword or topic found by its words to papers that share the vocabulary of the best of these: who asks
 * for "vision-language-action models" also gets the paper that only says "VLA policies".
 */
import { type Examples, scoreLikeness } from './likeness.ts';
import { packMatches } from './match.ts';
import type { Matches, PaperIndex } from './paper-index.ts';
import { EXAMPLE_CUT, EXPANSION_PRIOR, EXPANSION_WEIGHT, FAINT, MOST_EXAMPLES } from './tuning.ts';

/**
 * The same matches with a relevance that leans on likeness to the best of them the more of these there are, and papers
 * that are like them without the words, where any of these holds all of what was asked for. `whole` stays true only where
 * the words are.
 */
export function expandMatches(index: PaperIndex, matches: Matches): Matches {
  if (matches.papers.length === 0 || index.without.has('expansion')) return matches;
  const { examples, quality, isSure } = findExamples(matches);
  // A word of one example alone is that paper's subject, not the interest's.
  const { scores: alike, signature } = scoreLikeness(index, examples, { sharedOnly: true });
  // Examples that share no more with each other than with all papers teach nothing.
  if (signature.terms.length === 0) return matches;
  const learned = examples.papers.length / (examples.papers.length + EXPANSION_PRIOR);
  const scale = learned * EXPANSION_WEIGHT * quality;
  const faint = FAINT;
  const whole = new Uint8Array(alike.length);
  let at = 0;
  for (let paper = 0; paper < alike.length; paper += 1) {
    const matched = matches.papers[at] === paper;
    const score = scale * (alike[paper] ?? 0) + (matched ? (1 - learned) * (matches.scores[at] ?? 0) : 0);
    alike[paper] = matched || (isSure && score >= faint) ? score : 0;
    if (!matched) continue;
    whole[paper] = matches.whole[at] ?? 0;
    at += 1;
  }
  return { ...packMatches(alike, whole), ...(isSure ? { signature } : {}) };
}

/**
 * The best matches, those that match better counting more; how good they are on the whole; and whether any holds all
 * the words, so that what they share may be called what was asked for.
 */
function findExamples({ papers, scores, whole }: Matches): {
  examples: Examples;
  quality: number;
  isSure: boolean;
} {
  let best = 0;
  for (const score of scores) best = Math.max(best, score);
  const kept: number[] = [];
  for (let at = 0; at < scores.length; at += 1) {
    if ((scores[at] ?? 0) >= EXAMPLE_CUT * best) kept.push(at);
  }
  if (kept.length > MOST_EXAMPLES) {
    kept.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || b - a).splice(MOST_EXAMPLES);
  }
  const sum = kept.reduce((total, at) => total + (scores[at] ?? 0), 0);
  return {
    examples: {
      papers: kept.map((at) => papers[at] ?? 0),
      shares: kept.map((at) => (scores[at] ?? 0) / sum),
    },
    quality: sum / kept.length,
    isSure: kept.some((at) => whole[at] === 1),
  };
}
