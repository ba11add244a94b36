/** Bibliographies that people wrote carelessly, and large and hostile ones: what is broken is lost alone. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { readBibtex } from '../../src/papers/sources/bibtex.ts';
import type { SourcePage } from '../../src/papers/sources/source.ts';
import { NOW, useBibliographies } from '../support/bibtex.ts';
import { processorMs } from '../support/processor-time.ts';

const { file, pathOf, read, readOne } = useBibliographies();

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
    expect(await codeOf(pathOf('none.bib'))).toBe('FILE_UNREADABLE');
    expect(await codeOf(pathOf('none.bib.gz'))).toBe('FILE_UNREADABLE');
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
