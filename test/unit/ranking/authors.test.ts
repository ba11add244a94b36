/** Guards who counts as the same author. */
import { describe, expect, it } from 'vitest';
import { findByAuthor, indexAuthors, isSameAuthor } from '../../../src/ranking/authors.ts';

describe('two spellings', () => {
  it.each([
    ['Yann LeCun', 'Y. LeCun'],
    ['yann lecun', 'LeCun, Yann'],
    ['José García', 'Jose Garcia'],
    ['Laurens van der Maaten', 'L.J.P. van der Maaten'],
    ['Jean-Baptiste Alayrac', 'J.-B. Alayrac'],
    ['Xiao-Ming Li', 'Xiaoming Li'],
    ['Martin Luther King Jr.', 'Martin L. King'],
    ['李飞飞', '李飞飞'],
  ])('%s and %s may be one person', (one, other) => {
    expect(isSameAuthor(one, other)).toBe(true);
    expect(isSameAuthor(other, one)).toBe(true);
  });

  it.each([
    ['Yann LeCun', 'Yoshua LeCun'],
    ['Chelsea Finn', 'Chelsea Finnegan'],
    ['Li', 'Wei Li'],
    ['', ''],
    ['Anna B. Smith', 'Anna C. Smith'],
  ])('%s and %s are two', (one, other) => {
    expect(isSameAuthor(one, other)).toBe(false);
  });
});

it('a paper is found once, under the name it has itself', () => {
  const directory = indexAuthors([['Wei Li', 'Chelsea Finn'], [], ['C. Finn', 'Claire Finn']]);
  expect(findByAuthor(directory, 'chelsea finn').map(({ paper, name }) => [paper, name])).toEqual([
    [0, 'Chelsea Finn'],
    [2, 'C. Finn'],
  ]);
});
