/** What makes two records the same paper. */
import { describe, expect, it } from 'vitest';
import { haveDifferentIds, strongKeys, titleKey } from '../../../src/papers/identity.ts';

const paper = {
  arxivId: null,
  doi: null,
  title: 'On Walking in the Rain',
  authors: ['Ada Example', 'Ben Other'],
};

describe('identity', () => {
  it('goes by arXiv id and DOI, and by the DOI that arXiv registers as by the arXiv id', () => {
    expect(strongKeys({ ...paper, arxivId: '2412.07720', doi: '10.1/AbC' })).toEqual([
      'arxiv:2412.07720',
      'doi:10.1/abc',
    ]);
    expect(strongKeys({ ...paper, doi: '10.48550/arXiv.2412.07720' })).toEqual(['arxiv:2412.07720']);
    expect(strongKeys(paper)).toEqual([]);
  });

  it('sees through case, punctuation, accents and initials in title and first author', () => {
    expect(titleKey({ ...paper, title: 'ON — walking, in the rain!', authors: ['A. Éxample'] })).toBe(
      titleKey(paper),
    );
    expect(titleKey({ ...paper, authors: ['Cy Third'] })).not.toBe(titleKey(paper));
  });

  it('does not join papers by a title that says nothing, where there is an id to go by', () => {
    expect(titleKey({ ...paper, title: 'Editorial', doi: '10.1/a' })).toBeNull();
    expect(titleKey({ ...paper, title: 'Editorial' })).not.toBeNull();
  });

  it('keeps papers with different ids apart', () => {
    expect(haveDifferentIds({ ...paper, arxivId: '1' }, { ...paper, arxivId: '2' })).toBe(true);
    expect(haveDifferentIds({ ...paper, doi: '10.1/a' }, { ...paper, doi: '10.1/A' })).toBe(false);
    expect(haveDifferentIds({ ...paper, arxivId: '1' }, { ...paper, doi: '10.1/a' })).toBe(false);
  });
});
