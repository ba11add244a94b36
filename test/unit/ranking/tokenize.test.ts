/** Guards which spellings meet in one term and which stay apart. */
import { describe, expect, it } from 'vitest';
import { foldText, readKeyword, spellTerms, splitWords } from '../../../src/ranking/tokenize.ts';

const textsOf = (text: string) => splitWords(text).map((word) => word.text);

describe('words of a text', () => {
  it('are the same whatever case, accents, ligatures and apostrophes', () => {
    expect(textsOf('Schrödinger’s Ｅﬃcient ŁÓDŹ')).toEqual(['schrodinger', 'efficient', 'lodz']);
  });

  it('keep letters of other scripts whole that only look like accents', () => {
    expect(foldText('हिन्दी がく')).toBe('हिन्दी がく');
  });

  it('give a hyphenated word apart and joined', () => {
    expect(textsOf('pre-training')).toEqual(['pretraining', 'pre', 'training']);
    expect(textsOf('vision–language-action')).toContain('language');
  });

  it('cut Chinese into pairs, so that a part of a sentence is found', () => {
    expect(textsOf('扩散语言模型')).toEqual(expect.arrayContaining(['语言', '模型']));
  });

  it('keep emoji and the names of languages that end in a sign', () => {
    expect(textsOf('🤗 C++ and C#')).toEqual(['🤗', 'c++', 'and', 'c#']);
  });
});

describe('a keyword', () => {
  it('is read joined as well, so that "fine-tuning" finds "finetuning" and the other way round', () => {
    const [, joined] = readKeyword('fine-tuning');
    expect(joined).toEqual(readKeyword('finetuning')[0]);
    expect(readKeyword('fine tuning')).toContainEqual(readKeyword('finetuning')[0]);
  });

  it.each([
    ['models', 'model'],
    ['planning', 'plan'],
    ['studies', 'study'],
    ['watermarked', 'watermark'],
    ['VLAs', 'VLA'],
  ])('finds %s and %s alike', (one, other) => {
    expect(readKeyword(one)[0]).toEqual(readKeyword(other)[0]);
  });

  it.each([
    ['generic', 'generation'],
    ['universal', 'university'],
    ['bias', 'bi'],
    ['string', 'str'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(readKeyword(one)[0]).not.toEqual(readKeyword(other)[0]);
  });

  it.each(['', '   ', 'the of and', '!!!', '\u0000'])('of no meaning (%j) has no reading', (keyword) => {
    expect(readKeyword(keyword)).toEqual([]);
  });
});

describe('spellings of terms', () => {
  it('are the words of the text itself, hyphens and accents as they stand, without a capital at the start', () => {
    const spellings = Object.fromEntries(spellTerms('Naïve VLAs for Co-design; 语言'));
    expect(spellings).toMatchObject({ naiv: 'naive', codesign: 'Co-design', vla: 'VLAs', 语言: '语言' });
    expect(spellTerms('the naïve one').get('naiv')).toBe('naïve');
  });
});
