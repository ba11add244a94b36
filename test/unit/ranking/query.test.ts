/** Guards how what a person typed is read: quotes, exclusions and people. */
import { describe, expect, it } from 'vitest';
import { buildPaperIndex } from '../../../src/ranking/paper-index.ts';
import { readQuery } from '../../../src/ranking/query.ts';
import { rankPapers } from '../../../src/ranking/rank.ts';
import { makeFiller, makePaper, makeProfile, NOW } from './make-paper.ts';

const read = (...keywords: string[]) => {
  const { keywords: words, excluded, authors } = readQuery(makeProfile({ keywords }));
  return { words, excluded, authors };
};

describe('a keyword', () => {
  it.each([
    ['diffusion models', { words: ['diffusion models'] }],
    ['vision-language models', { words: ['vision-language models'] }],
    ['"flow matching" audio', { words: ['"flow matching"', 'audio'] }],
    ['“flow matching”', { words: ['"flow matching"'] }],
    ['diffusion -video', { words: ['diffusion'], excluded: ['video'] }],
    ['-"image generation"', { excluded: ['image generation'] }],
    ['author:Yann LeCun', { authors: ['Yann LeCun'] }],
    [
      'robots author:"Chelsea Finn" -survey',
      { words: ['robots'], excluded: ['survey'], authors: ['Chelsea Finn'] },
    ],
    ['an "open quote', { words: ['an open quote'] }],
    ['-', { words: ['-'] }],
    ['""', {}],
    ['author:', { words: ['author:'] }],
    ['co:design', { words: ['co:design'] }],
  ])(
    '%j is read as %j',
    (typed, { words = [], excluded = [], authors = [] }: Partial<ReturnType<typeof read>>) => {
      expect(read(typed)).toEqual({ words, excluded, authors });
    },
  );

  it('in quotes finds its words in a row alone', () => {
    const index = buildPaperIndex([
      makePaper({ id: 1, title: 'Flow matching for audio' }),
      makePaper({ id: 2, title: 'Matching the flow of audio' }),
      ...makeFiller(60),
    ]);
    const ids = (keyword: string) =>
      rankPapers(index, makeProfile({ keywords: [keyword] }), {
        now: NOW,
        k: 5,
        floor: 0,
        variety: false,
      }).map(({ paperId }) => paperId);
    expect(ids('"flow matching"')).toEqual([1]);
    expect(ids('flow matching')).toEqual([1, 2]);
  });

  it('of exclusions or people alone is no error', () => {
    const index = buildPaperIndex([makePaper({ id: 1, authors: ['Ada Byron'] }), makePaper({ id: 2 })]);
    const ranked = rankPapers(index, makeProfile({ keywords: ['-untitled', 'author:Ada Byron'] }), {
      now: NOW,
      k: 5,
    });
    expect(ranked).toEqual([]);
  });
});
