/** Guards the headings of a weekly digest: whose paper stands under which, in which order, and when there are none. */
import { describe, expect, it } from 'vitest';
import { groupPapers } from '../../../src/mail/group-papers.ts';
import { translatorFor } from '../../../src/messages.ts';
import type { Reason } from '../../../src/ranking/explain.ts';

const topic = (name: string): Reason => ({ kind: 'topic', slug: name.toLowerCase(), name });
const keyword = (words: string): Reason => ({ kind: 'keyword', keyword: words });

/** What stands under each heading, by rank, as templates choose it. */
function show(main: readonly (Reason | undefined)[]): Record<string, number[]> {
  const { headings, headingOf } = groupPapers(main, translatorFor('en'));
  return Object.fromEntries(
    headings.map((heading) => [
      heading ?? 'none',
      headingOf.flatMap((own, at) => (own === heading ? [at + 1] : [])),
    ]),
  );
}

const orderOf = (main: readonly (Reason | undefined)[]) => Object.entries(show(main));

describe('the papers of a weekly digest', () => {
  it('stand by topic, the topic of the best paper first, and by rank within', () => {
    expect(
      orderOf(['World models', 'AI agents', 'AI agents', 'World models', 'AI agents', 'Robots'].map(topic)),
    ).toEqual([
      ['World models', [1, 4]],
      ['AI agents', [2, 3, 5]],
      ['Robots', [6]],
    ]);
  });

  it('stand under a heading for whatever their main reason names', () => {
    const liked = { paperId: 7, title: 'OpenVLA' };
    expect(
      orderOf([
        { kind: 'category', category: 'cs.CL', topic: 'Computation and Language (cs.CL)' },
        { kind: 'related', to: 'Computation and Language (cs.CL)', words: ['syntax'] },
        { kind: 'author', name: 'Ada Byron' },
        { kind: 'author', name: 'Ada Byron' },
        { kind: 'liked', ...liked },
        { kind: 'liked-together', ...liked },
        keyword('"soft fruit"'),
        { kind: 'related', to: 'soft fruit', words: ['grapes'] },
        keyword('mRNA folding'),
        keyword('mRNA folding'),
        { kind: 'trending', upvotes: 9, comments: null, githubStars: null, hours: 3 },
        undefined,
      ]),
    ).toEqual([
      ['Computation and Language', [1, 2]],
      ['By Ada Byron', [3, 4]],
      ['Like “OpenVLA”', [5, 6]],
      ['Soft fruit', [7, 8]],
      ['mRNA folding', [9, 10]],
      ['Trending', [11, 12]],
    ]);
  });

  it('of a topic and a keyword of one name stand together', () => {
    expect(
      orderOf([
        topic('World models'),
        keyword('world models'),
        ...Array.from({ length: 4 }, () => topic('Robots')),
      ]),
    ).toEqual([
      ['World models', [1, 2]],
      ['Robots', [3, 4, 5, 6]],
    ]);
  });

  it('that are alone of theirs come last and together, where there are more than four groups', () => {
    const single = ['A', 'B', 'C', 'B', 'D', 'E', 'E'].map(topic);
    expect(orderOf(single)).toEqual([
      ['B', [2, 4]],
      ['E', [6, 7]],
      ['More for you', [1, 3, 5]],
    ]);
    expect(orderOf(['A', 'B', 'C', 'B', 'B', 'E', 'E'].map(topic)).at(0)).toEqual(['A', [1]]);
  });

  it('have each a place, also where a reader has our own words for a keyword', () => {
    const odd = ['more for you', 'more for you', 'trending', 'c', 'd', 'e'].map(keyword);
    const places = Object.values(show([...odd, undefined])).flat();
    expect(places.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('have no headings where they are few, of one topic, or each of another', () => {
    expect(show(['A', 'A', 'B', 'B', 'B'].map(topic))).toEqual({ none: [1, 2, 3, 4, 5] });
    expect(show(Array.from({ length: 7 }, () => topic('A')))).toEqual({ none: [1, 2, 3, 4, 5, 6, 7] });
    expect(show(['A', 'B', 'C', 'D', 'E', 'F'].map(topic))).toEqual({ none: [1, 2, 3, 4, 5, 6] });
  });
});
