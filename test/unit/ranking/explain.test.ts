/** Guards the words and the stored form of reasons. */
import { describe, expect, it } from 'vitest';
import { explainReason } from '../../../src/mail/reason-words.ts';
import { translatorFor } from '../../../src/messages.ts';
import { type Reason, reasonsSchema } from '../../../src/ranking/explain.ts';

const trending = (counts: Partial<Extract<Reason, { kind: 'trending' }>>): Reason => ({
  kind: 'trending',
  upvotes: null,
  comments: null,
  githubStars: null,
  hours: 9,
  ...counts,
});

const SAID: [Reason, string][] = [
  [
    { kind: 'topic', slug: 'vla', name: 'Vision-language-action models' },
    'matches vision-language-action models',
  ],
  [{ kind: 'topic', slug: 'gui-agents', name: 'GUI agents' }, 'matches GUI agents'],
  [{ kind: 'topic', slug: 'bayes', name: 'Bayesian inference' }, 'matches Bayesian inference'],
  [{ kind: 'keyword', keyword: 'KV cache' }, 'matches KV cache'],
  [{ kind: 'keyword', keyword: 'sparse KV cache', words: ['kv', 'cache'] }, 'mentions kv, cache'],
  [{ kind: 'author', name: 'Chelsea Finn' }, 'by Chelsea Finn, whom you follow'],
  [{ kind: 'category', category: 'math.NT', topic: 'Mathematics (math)' }, 'in math.NT (Mathematics)'],
  [trending({ upvotes: 58 }), '58 upvotes in 9 hours'],
  [trending({ upvotes: 1, hours: 1 }), '1 upvote in 1 hour'],
  [trending({ upvotes: 1200, hours: 72 }), '1,200 upvotes in 3 days'],
  [trending({ upvotes: 0, comments: 3 }), '3 comments in 9 hours'],
  [trending({ githubStars: 340 }), '340 GitHub stars'],
  [{ kind: 'liked', paperId: 7, title: 'OpenVLA' }, 'like OpenVLA, which you liked'],
];

describe('a reason', () => {
  it.each(SAID)('%j is said in plain words', (reason, words) => {
    expect(explainReason(reason, translatorFor('en'))).toBe(words);
  });

  it('survives being stored as JSON', () => {
    const reasons = SAID.map(([reason]) => reason);
    expect(reasonsSchema.parse(JSON.parse(JSON.stringify(reasons)))).toEqual(reasons);
  });
});
