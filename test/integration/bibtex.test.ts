/** Bibliographies as programs and people write them become papers; what is broken is lost alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import type { Paper } from '../../src/papers/paper.ts';
import { readBibtex } from '../../src/papers/sources/bibtex.ts';
import type { SkippedRecord, SourcePage } from '../../src/papers/sources/source.ts';
import { processorMs } from '../support/processor-time.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

async function read(
  input: string | Buffer,
): Promise<{ papers: Paper[]; skipped: SkippedRecord[]; pages: SourcePage[] }> {
  const pages: SourcePage[] = [];
  const source = typeof input === 'string' ? [input] : file('list.bib', input);
  for await (const page of readBibtex(source, NOW)) pages.push(page);
  return {
    papers: pages.flatMap(({ papers }) => papers),
    skipped: pages.flatMap(({ skipped }) => skipped),
    pages,
  };
}

async function readOne(text: string): Promise<Paper> {
  const { papers, skipped } = await read(text);
  expect(skipped).toEqual([]);
  expect(papers).toHaveLength(1);
  return papers[0] as Paper;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bibtex-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('what programs export', () => {
  it('reads Google Scholar', async () => {
    expect(
      await readOne(`@article{example2023walking,
  title={Walking machines: a survey of {BERT}-like gaits},
  author={Example, Ada and van der Other, Ben and others},
  journal={arXiv preprint arXiv:2301.01234},
  year={2023}
}
`),
    ).toMatchObject({
      source: 'file',
      externalId: '2301.01234',
      arxivId: '2301.01234',
      version: 1,
      doi: null,
      title: 'Walking machines: a survey of BERT-like gaits',
      abstract: '',
      authors: ['Ada Example', 'Ben van der Other'],
      categories: [],
      publishedAt: new Date('2023-01-01'),
      url: 'https://arxiv.org/abs/2301.01234',
      codeUrl: null,
      trend: null,
    });
  });

  it('reads the ACL Anthology, leaving out the volume', async () => {
    const { papers, skipped } = await read(`@proceedings{walk-2024-long,
    title = "Proceedings of the Meeting on Walking",
    month = aug,
    year = "2024",
    url = "https://aclanthology.example/2024.walk-long.0/"
}
@inproceedings{example-muller-2024-steps,
    title = "{S}teps in the Dark: {\\"U}ber 50{\\%} of Walks",
    author = {Example, Ada  and
      M{\\"u}ller, J{\\"o}rg  and
      {\\'E}toile, {\\'E}lodie},
    editor = "Other, Ben",
    booktitle = "Proceedings of the Meeting on Walking",
    month = aug,
    year = "2024",
    doi = "10.18653/v1/2024.walk-long.7",
    url = "https://aclanthology.example/2024.walk-long.7/",
    pages = "101--112",
    abstract = "We walk. Our method{'}s cost is \\textbf{50{\\%}} lower at \\$5 --- see \\url{https://a.test/x_y}."
}
`);
    expect(skipped).toEqual([
      { reason: 'line 1, walk-2024-long: a proceedings is not a paper', externalId: 'walk-2024-long' },
    ]);
    expect(papers).toMatchObject([
      {
        externalId: '10.18653/v1/2024.walk-long.7',
        title: 'Steps in the Dark: Über 50% of Walks',
        authors: ['Ada Example', 'Jörg Müller', 'Élodie Étoile'],
        abstract: "We walk. Our method's cost is 50% lower at $5 — see https://a.test/x_y.",
        publishedAt: new Date('2024-08-01'),
        url: 'https://aclanthology.example/2024.walk-long.7/',
      },
    ]);
  });

  it('reads DBLP, with and without its fields for the preprint', async () => {
    const paper = await readOne(`@article{DBLP:journals/corr/abs-2005-01234,
  author       = {Ada B. Example and
                  Ben Other 0001},
  title        = {Few-Step Walkers},
  journal      = {CoRR},
  volume       = {abs/2005.01234},
  year         = {2020},
  url          = {https://arxiv.org/abs/2005.01234},
  eprinttype    = {arXiv},
  eprint       = {2005.01234},
  timestamp    = {Wed, 03 Jun 2020 11:36:54 +0200},
  biburl       = {https://dblp.example/rec/journals/corr/abs-2005-01234.bib},
  bibsource    = {dblp computer science bibliography, https://dblp.example}
}`);
    expect(paper).toMatchObject({ arxivId: '2005.01234', title: 'Few-Step Walkers' });
    expect(paper.authors).toEqual(['Ada B. Example', 'Ben Other']);
    expect(
      await readOne('@article{x, title={A}, journal={CoRR}, volume={abs/2005.01234}, year={2020}}'),
    ).toMatchObject({ externalId: '2005.01234' });
  });

  it('reads Better BibTeX for Zotero', async () => {
    expect(
      await readOne(`@misc{exampleStepsAllYou2017,
  title = {Steps {{Are All}} You Need},
  subtitle = {A Study},
  author = {Example, Ada and family=Beethoven, given=Ludwig, prefix=van, useprefix=true and {Walking Research}},
  date = {2017-06-12},
  number = {arXiv:1706.01234},
  eprint = {1706.01234},
  eprinttype = {arXiv},
  eprintclass = {cs},
  primaryclass = {cs.CL},
  publisher = {arXiv},
  doi = {10.48550/arXiv.1706.01234},
  url = {http://arxiv.org/abs/1706.01234},
  urldate = {2023-01-05},
  abstract = {Long walks of length \\$n\\$ take {$O(n^2)$} steps \\& more.},
  keywords = {Computer Science - Walking},
  file = {/home/ada/Zotero/storage/ABC/Example 2017 - C\\:\\\\x.pdf}
}`),
    ).toMatchObject({
      externalId: '1706.01234',
      doi: '10.48550/arXiv.1706.01234',
      title: 'Steps Are All You Need: A Study',
      authors: ['Ada Example', 'Ludwig van Beethoven', 'Walking Research'],
      categories: ['cs.CL'],
      publishedAt: new Date('2017-06-12'),
      url: 'http://arxiv.org/abs/1706.01234',
    });
  });

  it('reads Mendeley', async () => {
    expect(
      await readOne(`@article{Example2018,
abstract = {We walk {\\textless} 5 km.},
archivePrefix = {arXiv},
arxivId = {1801.01234v2},
author = {Example, Ada and King, Jr., Martin and de la Cruz, Ana},
doi = {10.1000/abc\\_def},
eprint = {1801.01234v2},
file = {:C$\\backslash$:/Users/ada/walk.pdf:pdf},
journal = {Journal of Walking},
mendeley-groups = {Walks},
month = {jan},
title = {{On {\\{}Walking{\\}}}},
url = {http://www.walks.example/a{\\_}b{\\%}20c http://other.example/},
volume = {3},
year = {2018}
}
`),
    ).toMatchObject({
      externalId: '1801.01234',
      version: 2,
      doi: '10.1000/abc_def',
      authors: ['Ada Example', 'Martin King Jr.', 'Ana de la Cruz'],
      abstract: 'We walk < 5 km.',
      publishedAt: new Date('2018-01-01'),
      url: 'http://www.walks.example/a_b%20c',
    });
  });
});

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

describe('careless files', () => {
  it('expands macros, skips comments and preambles, and takes a volume’s date', async () => {
    const { papers, skipped } = await read(`% Encoding: UTF-8
@preamble{ "\\newcommand{\\noop}[1]{}" }
@string{walk = "Journal of " # "Walking"}
@STRING(ada = {Example, Ada})
@comment{jabref-meta: databaseType:bibtex;}
@comment{ @article{hidden, title={Hidden}} }
% @article{out, title={Commented out}}
@inproceedings{child, title = "A " # {Child}, author = ada # " and Ben Other", crossref = {Vol}}
@book(vol, title = {The Volume (first)}, year = 1999)
`);
    expect(skipped).toEqual([]);
    expect(papers.map(({ title, authors, publishedAt }) => [title, authors, publishedAt])).toEqual([
      ['A Child', ['Ada Example', 'Ben Other'], new Date('1999-01-01')],
      ['The Volume (first)', [], new Date('1999-01-01')],
    ]);
  });

  it('loses a broken entry alone and says where it is', async () => {
    const { papers, skipped } = await read(
      [
        '@article{one, title={One}, year={2001}}',
        '@article{two, title={Two {is open}, year={2002}}',
        '@article{three, title={Three}, year={2003}}',
        '@article{four, year={2004}}',
        '@article{five, title="Five, year={2005}}',
        '@article{six, title={Six}}}, year={2006}}',
        '@article{seven',
        '  title={Seven}',
        '  year 2007, author={Ada Example}',
        '}',
        '@article{eight, title={Costs $5 and 100% more}, file={C:\\}} @misc{nine, title={Nine}}',
        '@article{ten, title={Ten',
      ].join('\r\n'),
    );
    expect(papers.map(({ title }) => title)).toEqual([
      'One',
      'Three',
      'Six',
      'Seven',
      'Costs $5 and 100% more',
      'Nine',
    ]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      'line 2, two: its braces do not balance',
      'line 4, four: it has no title',
      'line 5, five: it has no title',
      'line 12, ten: its braces do not balance',
    ]);
  });

  it('keeps both papers of one key apart, in one file or in two', async () => {
    const { papers } = await read('@misc{k, title={A}}\n@misc{k, title={B}}');
    expect(papers.map(({ title }) => title)).toEqual(['A', 'B']);
    expect(papers[0]?.externalId).not.toBe(papers[1]?.externalId);
  });

  it('knows a paper again whatever its key, and however its title is written', async () => {
    const one = await readOne('@misc{k, title={On {W}alking}, author={Example, Ada}}');
    const other = await readOne('@misc{other, title={{On walking}}, author={Ada Example}}');
    expect(one.externalId).toBe(other.externalId);
  });

  it('keeps a line that only looks like an entry', async () => {
    const { abstract } = await readOne('@misc{k,\n title={A},\n abstract={Write\n@article{x, ...}\nso.}\n}');
    expect(abstract).toBe('Write @article{x, ...} so.');
  });

  it('reads a mark of byte order, and Latin-1 lines among UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeff@misc{a, title={Café}}\n'),
      Buffer.from('@misc{b, title={Garçon}}\n', 'latin1'),
    ]);
    expect((await read(bytes)).papers.map(({ title }) => title)).toEqual(['Café', 'Garçon']);
  });

  it('plants no address but http(s)', async () => {
    const { url } = await readOne('@misc{k, title={A}, url={javascript:alert(1)}}');
    expect(url).toBeNull();
  });
});

describe('large and hostile files', () => {
  it('yields 500 a page, packed or not', async () => {
    const text = Array.from({ length: 1201 }, (_, i) => `@misc{k${i}, title={Paper ${i}}}`).join('\n');
    const pages: SourcePage[] = [];
    for await (const page of readBibtex(file('list.bib.gz', gzipSync(text)), NOW)) pages.push(page);
    expect(pages.map(({ papers }) => papers.length)).toEqual([500, 500, 201]);
  });

  it('says that a file is missing, no archive, or too large once unpacked', async () => {
    const codeOf = async (path: string) => {
      try {
        for await (const _ of readBibtex(path, NOW));
      } catch (error) {
        return error instanceof AppError ? error.code : error;
      }
    };
    expect(await codeOf(join(folder, 'none.bib'))).toBe('FILE_UNREADABLE');
    expect(await codeOf(join(folder, 'none.bib.gz'))).toBe('FILE_UNREADABLE');
    expect(await codeOf(file('bad.bib.gz', Buffer.from('@misc{')))).toBe('FILE_UNREADABLE');
    expect(await codeOf(file('bomb.bib.gz', gzipSync(Buffer.alloc(51_000_000, ' '))))).toBe(
      'SOURCE_TOO_LARGE',
    );
  });

  it.each([
    ['open entries', '@a{b,c={\n'.repeat(50_000)],
    ['open comments', '@comment{\n'.repeat(50_000)],
    ['open quotes', '@a{b,title="\n}'.repeat(50_000)],
    ['open parentheses', '@a(b,title={x}, "\n'.repeat(50_000)],
    ['deep braces', `@a{b, title={x}, author={${'{'.repeat(50_000)}${'}'.repeat(50_000)}}}`],
    ['environments', `@a{b, title={x}, author={${'\\begin{a}'.repeat(5_000)}}}`],
    ['signs', '@'.repeat(500_000)],
    ['spaces', `@a${' '.repeat(500_000)}\n`.repeat(2)],
    [
      'macros that double',
      `@string{a="xxxxxxxxxx"}\n${'@string{a=a#a}\n'.repeat(100)}@misc{k,title={T},note=a#a#a}`,
    ],
    ['percents', `@misc{k, title={T}${' %\n'.repeat(100_000)}}`],
    ['many names', `@misc{k, title={T}, author={${'Ada Example and '.repeat(9_000)} Z}}`],
  ])('gets through %s in seconds', async (_name, text) => {
    expect(await processorMs(() => read(text))).toBeLessThan(5000);
  });

  it('never throws, and gives only papers that can be stored', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...'@article{ @string{ @comment{ @misc( { } ( ) " # , = % $ \\ \\begin{a} \\url{ title author year doi eprint and , \n'.split(
          ' ',
        ),
        'k, title={T}, author={',
        '}}\n@misc{k, title="',
        '\0',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
        const { papers } = await read(`@misc{k, title={${pieces.join(' ')}\n@misc{end, title={End}}`);
        for (const paper of papers) expect(JSON.stringify(paper)).not.toMatch(/\\u0000|\\ud8/);
      }),
      { numRuns: 1500 },
    );
  });
});
