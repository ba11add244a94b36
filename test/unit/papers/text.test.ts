/** LaTeX and odd characters become text that a person reads. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableText } from '../../../src/papers/text.ts';
import { findDataDir } from '../../support/recordings.ts';

describe('readableText', () => {
  const cases: [string, [string, string][]][] = [
    [
      'turns typewriter quotes and dashes into real ones',
      [
        ["``one'' and ''two''", '“one” and “two”'],
        ["`single' quotes, don't", '‘single’ quotes, don’t'.replace('’t', "'t")],
        ['pages 3--5, and --- so', 'pages 3–5, and — so'],
        ['first -- second', 'first – second'],
      ],
    ],
    [
      'unescapes what LaTeX escapes',
      [
        ['up to 45\\% \\& more \\#1 a\\_b', 'up to 45% & more #1 a_b'],
        ['it\\\'s \\"quoted words\\" here', 'it\'s "quoted words" here'],
        ['line one\\\\ line two', 'line one line two'],
      ],
    ],
    [
      'writes letters with their accents',
      [
        ['na\\"ive, na\\"{\\i}ve', 'naïve, naïve'],
        ["Pok\\'emon, d\\'ej\\`a vu, Barab{\\'a}si", 'Pokémon, déjà vu, Barabási'],
        ['Erd\\H{o}s, \\v{C}ech, Fran\\c{c}ois, S\\o ren, \\O', 'Erdős, Čech, François, Søren, Ø'],
      ],
    ],
    [
      'keeps the words inside of styling commands',
      [
        ['\\emph{a} \\textbf{b \\emph{c}} {\\em d} {\\bf e}', 'a b c d e'],
        ['\\textsc{Foo}\\xspace beats \\ours and \\method{}', 'Foo beats ours and method'],
        ['{C}onvergent {BERT}s by \\textcolor[RGB]{1,2,3}{red} ink', 'Convergent BERTs by red ink'],
        ['known\\footnote{Not widely} result~\\cite{a,b}.', 'known (Not widely) result.'],
        ['{Walks, Runs, and Falls: A Survey}', 'Walks, Runs, and Falls: A Survey'],
        ['Daily {Process Management: A Survey}', 'Daily Process Management: A Survey'],
        ['Walking Model (\\M) for all', 'Walking Model (M) for all'],
      ],
    ],
    [
      'shows addresses as they are',
      [
        ['code at~\\url{https://a.test/x\\_y~z}.', 'code at https://a.test/x_y~z.'],
        ['see \\href{https://a.test/x}{our site}', 'see our site (https://a.test/x)'],
        ['at https://a.test/x{https://a.test/x}.', 'at https://a.test/x.'],
        ['at https://a.test/x{this https URL}.', 'at https://a.test/x.'],
      ],
    ],
    [
      'expands the abbreviations that authors make macros of',
      [
        ['\\eg, this, \\ie~that, Doe \\etal. say', 'e.g., this, i.e. that, Doe et al. say'],
        ['\\eg', 'e.g.'],
      ],
    ],
    [
      'reads formulas',
      [
        ['$\\alpha$ and $\\alpha_1$', 'α and α₁'],
        ['$O(n^2)$, $O(n\\log n)$, $\\mathcal{O}(\\sqrt{n})$', 'O(n²), O(n log n), O(√n)'],
        ['5$\\times$ faster, $\\sim$10, $>$80\\%, 2$\\times$2', '5× faster, ∼10, >80%, 2×2'],
        ['$10^{-3}$, $x_{train}$, $x_{t-1}$, $e^{a+b}$', '10⁻³, x_train, x_(t-1), e^(a+b)'],
        ['$19^{th}$, $90^\\circ$, 360\\deg, $A^\\top$', '19th, 90°, 360°, Aᵀ'],
        ['$\\mathbb{R}^d$, $\\hat{y}$, $\\frac{a+b}{c}$, $\\{0,1\\}^n$', 'ℝᵈ, ŷ, (a+b)/c, {0,1}ⁿ'],
        ['\\( L_1 \\), $$E=mc^2$$, $k$NN, TCSF$_{IDMS}$', 'L₁, E=mc², kNN, TCSF_IDMS'],
        ['\\SI{5}{\\kilo\\meter}, 3~\\si{\\meter\\per\\second\\squared}', '5 km, 3 m/s²'],
        ['$x\\not\\in S$, \\r{ho} = 1, \\unicode{x2014}', 'x∉S, ρ = 1, —'],
      ],
    ],
    [
      'takes money for money',
      [
        ['between $5 and $10', 'between $5 and $10'],
        ['$1M-$2M for $k$ of US$35,000', '$1M-$2M for k of US$35,000'],
        ['\\$5 and \\$10 at 4$ per hour', '$5 and $10 at 4$ per hour'],
        ['Walking Models$ (WM)', 'Walking Models (WM)'],
        ['paid in US$, mostly', 'paid in US$, mostly'],
      ],
    ],
    [
      'leaves code alone',
      [
        ['snake_case, x^2, C#, R&D', 'snake_case, x^2, C#, R&D'],
        ['the token "\\n\\n", \\d{3}, C:\\Users\\name', 'the token "\\n\\n", \\d{3}, C:\\Users\\name'],
        ['a \\S for {"a": 1} or {x: 2}', 'a \\S for {"a": 1} or {x: 2}'],
        ['{"a": 1}, $' + '{HOME}, {0, 1}, run --verbose', '{"a": 1}, $' + '{HOME}, {0, 1}, run --verbose'],
        ['about ~10, 5~10%, ~/home', 'about ~10, 5~10%, ~/home'],
      ],
    ],
    [
      'repairs what feeds lose',
      [
        ['2.3times faster on a ktimes k grid', '2.3× faster on a k × k grid'],
        ['sometimes 3 times, two times', 'sometimes 3 times, two times'],
      ],
    ],
    [
      'puts everything on one clean line',
      [
        ['  one\n  two\tthree\u00a0four  ', 'one two three four'],
        ['&lt;b&gt; &eacute; &amp;amp; AT&T', '<b> é & AT&T'],
        ['so\u00adft zero\u200bwidth \u0000nul\u202e \ud800', 'soft zerowidth nul'],
        ['cafe\u0301', 'café'],
      ],
    ],
  ];
  it.each(cases)('%s', (_name, pairs) => {
    for (const [raw, readable] of pairs) expect(readableText(raw)).toBe(readable);
  });

  /** Pieces of which trouble is made. */
  const pieces = fc.constantFrom(
    ...[
      '\\',
      '{',
      '}',
      '$',
      '^',
      '_',
      '~',
      '`',
      "'",
      '"',
      '&',
      '-',
      '--',
      ' ',
      '\n',
      'a',
      'B',
      '1',
      '5 ',
      '.',
      ',',
    ],
    ...[
      '\\alpha',
      '\\emph{',
      '\\frac',
      '\\"',
      '\\c{',
      '\\href{',
      '\\(',
      '\\)',
      '\\[',
      '\\eg',
      '\\ours',
      '\\not',
    ],
    ...[
      '&amp;',
      '&lt;',
      'https://a.test/',
      'times',
      '\\unicode{x',
      '\\left',
      '\\url{',
      '\\footnote',
      '\u0301',
      'é',
      '🙂',
    ],
  );
  const nasty = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));

  it('never throws and never leaves a line break or a control character', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (raw) => {
        expect(readableText(raw)).not.toMatch(/\p{Cc}|^\s|\s$/u);
      }),
    );
  });

  it('changes nothing in its own output', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), (raw) => {
        const once = readableText(raw);
        expect(readableText(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it('costs no more than its length, however hostile', () => {
    const started = performance.now();
    for (const part of [
      '{',
      '\\(',
      '$',
      '\\hat',
      '{\\a',
      '^{',
      '\\href{a}{',
      '\\"{',
      'https://a{b}',
      "'' `a",
    ]) {
      readableText(part.repeat(40_000 / part.length));
    }
    // About half a second here; quadratic reading of any one of them took longer than that alone.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

const dataDir = findDataDir();
const fileOf = (path: string) => (dataDir ? resolve(dataDir, path) : '');
const seeds = fileOf('seed-papers.json');
const lists = fileOf('ranking/lists/papers.jsonl.gz');
/** A dollar before a digit is money. */
const STRAY = /\\|[{}]|\$(?!\d)|``|''/;

describe.skipIf(!existsSync(seeds))(
  `readableText on real abstracts${dataDir ? '' : ' (skipped: no data)'}`,
  () => {
    it('leaves no markup in any', () => {
      const papers: { abstract: string }[] = JSON.parse(readFileSync(seeds, 'utf8'));
      for (const { abstract } of papers) expect(readableText(abstract)).not.toMatch(STRAY);
    });

    it.skipIf(!existsSync(lists))('leaves in fewer than one of a thousand what could be markup', () => {
      const lines = gunzipSync(readFileSync(lists)).toString().trim().split('\n');
      const read: string[] = lines.map((line) => readableText(JSON.parse(line).abstract));
      const left = read.filter((text) => STRAY.test(text)).length;
      console.info(
        `${left} of ${read.length} abstracts keep a backslash, brace or dollar; most are sets and code.`,
      );
      expect(left / read.length).toBeLessThan(0.001);
    });
  },
);
