/** Which papers a person means, however they paste them. */
import { describe, expect, it } from 'vitest';
import { nameOfKey, readPaperMentions, splitMentions } from '../../../src/papers/paper-mentions.ts';

describe('a paper is understood by', () => {
  it.each([
    ['2401.00001', 'arxiv:2401.00001'],
    ['arXiv:2401.00001v3', 'arxiv:2401.00001'],
    ['https://arxiv.org/abs/2401.00001', 'arxiv:2401.00001'],
    ['http://www.arxiv.org/pdf/2401.00001v2.pdf', 'arxiv:2401.00001'],
    ['https://arxiv.org/html/2401.00001v1#S3', 'arxiv:2401.00001'],
    ['https://huggingface.co/papers/2401.00001', 'arxiv:2401.00001'],
    ['https://arxiv.org/abs/hep-th/9711200', 'arxiv:hep-th/9711200'],
    ['https://doi.org/10.48550/arXiv.2401.00001', 'arxiv:2401.00001'],
    ['10.1145/3292500.3330701', 'doi:10.1145/3292500.3330701'],
    ['doi:10.1145/3292500.3330701', 'doi:10.1145/3292500.3330701'],
    ['https://doi.org/10.1038%2FS41586-021-03819-2', 'doi:10.1038/s41586-021-03819-2'],
    ['https://dl.acm.org/doi/pdf/10.1145/3292500.3330701?download=true', 'doi:10.1145/3292500.3330701'],
    ['(https://doi.org/10.1016/S0140-6736(05)66545-1).', 'doi:10.1016/s0140-6736(05)66545-1'],
    ['https://www.biorxiv.org/content/10.1101/2024.01.02.573843v1.full.pdf', 'doi:10.1101/2024.01.02.573843'],
    ['Vaswani et al. (2017), arXiv:1706.03762 [cs.CL]', 'arxiv:1706.03762'],
  ])('%s', (text, key) => expect(readPaperMentions(text)).toEqual([key]));

  it('several ids on a line, each once', () => {
    expect(readPaperMentions('2401.00001 2401.00002 arXiv:2401.00001v2')).toEqual([
      'arxiv:2401.00001',
      'arxiv:2401.00002',
    ]);
  });
});

describe('nothing is understood by', () => {
  it.each([
    '',
    'attention is all you need',
    '12345',
    '2413.00001',
    'https://example.org/',
    '%E0%A4%A',
    '10.5/2',
  ])('"%s"', (text) => expect(readPaperMentions(text)).toEqual([]));
});

describe('a field', () => {
  it('holds an entry on each line and between commas', () => {
    expect(splitMentions(' 2401.00001,2401.00002\r\n\n https://arxiv.org/abs/2401.00003 ,')).toEqual([
      '2401.00001',
      '2401.00002',
      'https://arxiv.org/abs/2401.00003',
    ]);
  });

  it('shows an id without its kind', () => {
    expect(['arxiv:hep-th/9711200', 'doi:10.1145/1.2'].map(nameOfKey)).toEqual([
      'hep-th/9711200',
      '10.1145/1.2',
    ]);
  });
});
