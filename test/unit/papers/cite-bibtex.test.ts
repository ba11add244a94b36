/** BibTeX that is ours reads back as the same paper. */
import { describe, expect, it } from 'vitest';
import { citeBibtex } from '../../../src/papers/cite-bibtex.ts';
import { readBibtex } from '../../../src/papers/sources/bibtex.ts';

const paper = {
  title: 'The 50% & more: under_scores and #signs',
  authors: ['Ada Lovelace', 'Bo Schölkopf'],
  publishedAt: new Date('2026-11-20'),
  arxivId: '2611.00001',
  categories: ['cs.LG', 'cs.CL'],
  doi: '10.1000/a_b',
  venue: 'NeurIPS & friends',
  url: null,
};

describe('a cited paper', () => {
  it('reads back with its title, authors, ids and year', async () => {
    const pages = [];
    for await (const page of readBibtex([citeBibtex(paper)], new Date('2026-11-24'))) pages.push(page);
    expect(pages[0]?.skipped).toEqual([]);
    expect(pages[0]?.papers[0]).toMatchObject({
      title: paper.title,
      authors: paper.authors,
      arxivId: paper.arxivId,
      doi: paper.doi,
      categories: ['cs.LG'],
    });
    expect(pages[0]?.papers[0]?.publishedAt?.getUTCFullYear()).toBe(2026);
  });

  it('has a key of its first author, year and first telling word', () => {
    expect(citeBibtex({ ...paper, title: 'On the Émile problem' })).toMatch(/^@misc\{lovelace2026emile,\n/);
    expect(citeBibtex({ ...paper, authors: [], publishedAt: null, title: '研究' })).toMatch(
      /^@misc\{anonymous,\n/,
    );
  });

  it('leaves out what is not known', () => {
    const bare = citeBibtex({
      ...paper,
      arxivId: null,
      doi: null,
      venue: null,
      publishedAt: null,
      categories: [],
    });
    expect(bare).not.toMatch(/year|eprint|archivePrefix|doi|note|url/);
  });

  it('holds no brace in an address that would end the entry', () => {
    const url = 'https://example.org/{a}}b';
    expect(citeBibtex({ ...paper, arxivId: null, url })).toContain('url = {https://example.org/%7Ba%7D%7Db}');
  });
});
