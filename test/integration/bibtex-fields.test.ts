/** What the fields of an entry say, however they are written: which paper it is, its title, its day and its authors. */
import { describe, expect, it } from 'vitest';
import { useBibliographies } from '../support/bibtex.ts';

const { readOne } = useBibliographies();

/** Of a paper that is known by nothing but its title and authors. */
const BY_TITLE = expect.stringMatching(/^title:[0-9a-f]{40}$/);

describe('identity', () => {
  const identify = async (fields: string) => {
    const { arxivId, doi, externalId } = await readOne(`@misc{key1, title={T}, ${fields}}`);
    return [arxivId, doi, externalId];
  };

  it.each([
    ['eprint={2101.00001v3}', '2101.00001', null, '2101.00001'],
    ['eprint={hep-th/9711200}, archivePrefix={arXiv}', 'hep-th/9711200', null, 'hep-th/9711200'],
    ['eprint={9711200}, archivePrefix={hep-th}', 'hep-th/9711200', null, 'hep-th/9711200'],
    ['eprint={2101.00001}, eprinttype={jstor}', null, null, BY_TITLE],
    ['eprint={12345}', null, null, BY_TITLE],
    ['eprint={9861700}, eprinttype={pmid}', null, null, BY_TITLE],
    ['journal={arXiv}, volume={2101.00001}', '2101.00001', null, '2101.00001'],
    ['note={arXiv:2101.00001 [cs]}', '2101.00001', null, '2101.00001'],
    ['note={Extends arXiv:2101.00001}', null, null, BY_TITLE],
    ['howpublished={\\url{https://arxiv.org/abs/2101.00001}}', '2101.00001', null, '2101.00001'],
    ['url={https://arxiv.org/pdf/2101.00001v1.pdf}', '2101.00001', null, '2101.00001'],
    ['doi={https://doi.org/10.1000/ABC}', null, '10.1000/ABC', '10.1000/abc'],
    ['doi={doi:10.1000/a}', null, '10.1000/a', '10.1000/a'],
    ['url={https://doi.org/10.1000/a}', null, '10.1000/a', '10.1000/a'],
    ['doi={not one}', null, null, BY_TITLE],
    ['doi={10.48550/arXiv.2101.00001}', '2101.00001', '10.48550/arXiv.2101.00001', '2101.00001'],
  ])('of %s', async (fields, arxivId, doi, externalId) => {
    expect(await identify(fields)).toEqual([arxivId, doi, externalId]);
  });

  it('does without a citation key', async () => {
    expect(await readOne('@article{, title={On Walking}, author={Ada Example}}')).toMatchObject({
      externalId: BY_TITLE,
    });
    expect(await readOne('@article{title={On Walking}}')).toMatchObject({ title: 'On Walking' });
  });
});

describe('titles', () => {
  it.each([
    ['{Mitigation, or not? {A} Study}', 'Mitigation, or not? A Study'],
    ['{{GaAs, InAs}} Wires of {{{BERT}}}', 'GaAs, InAs Wires of BERT'],
    ['{\\"U}ber \\emph{{T}wo} {\\em Words} and {\\textless} \\textbf{{A}}', 'Über Two Words and < A'],
    ["Sets \\{a, b\\} in $O(n^{2})$, {CO}$_{2}$ and \\'{e}t\\'{e}", 'Sets {a, b} in O(n²), CO₂ and été'],
  ])('%s', async (value, title) => {
    expect((await readOne(`@misc{k, title={${value}}}`)).title).toBe(title);
  });
});

describe('dates', () => {
  it.each([
    ['year=2019', '2019-01-01'],
    ['year={2019}, month=jun', '2019-06-01'],
    ['year={2019}, month={June}', '2019-06-01'],
    ['year={2019}, month={06}', '2019-06-01'],
    ['year={2019}, month=jun # "~3"', '2019-06-03'],
    ['year={2019}, month="10~" # oct', '2019-10-10'],
    ['year={2019}, month={Feb. 31}', '2019-02-01'],
    ['year={2019}, month={Summer}', '2019-01-01'],
    ['date={2019-06}', '2019-06-01'],
    ['date={2019-06-03/2019-06-05}', '2019-06-03'],
    ['date={2019-21}', '2019-01-01'],
    ['date={soon}, year={(2019a)}', '2019-01-01'],
    ['year={2028}', null],
    ['year={0}', null],
    ['year={in press}', null],
    ['month=jun', null],
  ])('%s', async (fields, day) => {
    expect((await readOne(`@misc{k, title={T}, ${fields}}`)).publishedAt).toEqual(day && new Date(day));
  });
});

describe('authors', () => {
  it.each([
    ['{Google Research} and {Barnes and Noble, Inc.}', ['Google Research', 'Barnes and Noble, Inc.']],
    ['Ludwig van Beethoven and von Neumann, John', ['Ludwig van Beethoven', 'John von Neumann']],
    ['Erd{\\H{o}}s, Paul AND S{\\o}ren \\O stergaard', ['Paul Erdős', 'Søren Østergaard']],
    ['Example, A.; Other, B.', ['A. Example', 'B. Other']],
    ['Ada Example, Ben Other, Cy Third, Di Fourth', ['Ada Example', 'Ben Other', 'Cy Third', 'Di Fourth']],
    ['Example, Ada and et al.', ['Ada Example']],
    ['{\\"O}zg{\\"u}r, A. and {\\L}ukasz Kaiser', ['A. Özgür', 'Łukasz Kaiser']],
    ['Plato', ['Plato']],
    ["{Smith and Sons} and G{\\'{o}}mez-Other, Rafael", ['Smith and Sons', 'Rafael Gómez-Other']],
    ['{{OpenAI}}', ['OpenAI']],
    ['others', []],
  ])('%s', async (value, names) => {
    expect((await readOne(`@misc{k, title={T}, author={${value}}}`)).authors).toEqual(names);
  });
});
