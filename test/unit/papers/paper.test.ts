/** What makes two records the same paper. */
import { describe, expect, it } from 'vitest';
import { paperSchema, parseArxivId } from '../../../src/papers/paper.ts';

describe('parseArxivId', () => {
  it.each([
    ['2412.07720', '2412.07720', null],
    ['2412.07720v3', '2412.07720', 3],
    ['arXiv:2412.07720v1', '2412.07720', 1],
    ['(arXiv:0704.0001)', '0704.0001', null],
    ['http://arxiv.org/abs/2412.07720v2', '2412.07720', 2],
    ['https://arxiv.org/pdf/2412.07720.pdf', '2412.07720', null],
    ['https://arxiv.org/pdf/2412.07720v2.pdf?download=1', '2412.07720', 2],
    ['https://export.arxiv.org/abs/2412.07720#comments', '2412.07720', null],
    ['https://huggingface.co/papers/2412.07720', '2412.07720', null],
    ['https://www.alphaxiv.org/abs/2412.07720/', '2412.07720', null],
    ['10.48550/arXiv.2412.07720', '2412.07720', null],
    ['oai:arXiv.org:2412.07720', '2412.07720', null],
    ['as shown in 2412.07720.', '2412.07720', null],
    ['quant-ph/0201082v1', 'quant-ph/0201082', 1],
    ['http://arxiv.org/abs/astro-ph/0601001', 'astro-ph/0601001', null],
    ['https://arxiv.org/abs/math.GT/0309136v2', 'math/0309136', 2],
  ])('reads %s', (text, id, version) => {
    expect(parseArxivId(text)).toEqual({ id, version });
  });

  it.each([
    '',
    'abc',
    '2499.12345',
    '12412.07720',
    '2412.077',
    '2412.0772012',
    'https://arxiv.org/list/cs.CL/recent',
    '3.14',
  ])('finds none in "%s"', (text) => {
    expect(parseArxivId(text)).toBeNull();
  });
});

describe('paperSchema', () => {
  const paper = { source: 'file', externalId: '1', title: 'On Walking', publishedAt: new Date('2025-01-02') };

  it('refuses links that are not http(s)', () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'nothing']) {
      expect(paperSchema.safeParse({ ...paper, url }).success).toBe(false);
      expect(paperSchema.safeParse({ ...paper, codeUrl: url }).success).toBe(false);
    }
    expect(paperSchema.parse({ ...paper, url: 'https://a.test/' }).url).toBe('https://a.test/');
  });

  it('fills in what a source does not tell', () => {
    expect(paperSchema.parse(paper)).toMatchObject({ version: 1, abstract: '', authors: [], trend: null });
  });
});
