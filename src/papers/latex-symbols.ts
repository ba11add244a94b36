/** What single LaTeX commands stand for, as readers should see them. Tables only; `latex.ts` reads them. */
import { replacements, subsuperscripts } from 'unicodeit/ts_dist/js/data.js';

/** unicodeit's `replace` tries its 4,000 rules on every text (milliseconds each); looking up whole commands costs nothing. */
const SYMBOLS = new Map(replacements.map(([command = '', symbol = '']) => [command, symbol]));

/** `_2` and `^n` to the one character for it. */
const SCRIPTS = new Map(subsuperscripts.map(([script = '', symbol = '']) => [script, symbol]));

/** Writing that authors abbreviate by macros of their own, and symbols for which unicodeit has a poor or no choice. */
const OVERRIDES = new Map([
  ['eg', 'e.g.'],
  ['ie', 'i.e.'],
  ['etal', 'et al.'],
  ['etc', 'etc.'],
  ['cf', 'cf.'],
  ['vs', 'vs.'],
  ['wrt', 'w.r.t.'],
  ['aka', 'a.k.a.'],
  ['iid', 'i.i.d.'],
  ['dots', '…'],
  ['dotsc', '…'],
  ['i', 'ı'],
  ['j', 'ȷ'],
  ['mid', '|'],
  ['langle', '⟨'],
  ['rangle', '⟩'],
  ['le', '≤'],
  ['leqslant', '≤'],
  ['geqslant', '≥'],
  ['emptyset', '∅'],
  ['star', '⋆'],
  ['cdot', '·'],
  ['LaTeX', 'LaTeX'],
  ['TeX', 'TeX'],
  ['quad', ' '],
  ['qquad', ' '],
  ['space', ' '],
  ['newline', ' '],
  ['linebreak', ' '],
  ['par', ' '],
  ['item', ' • '],
  ['lbrace', '{'],
  ['rbrace', '}'],
  ['textbackslash', '\\'],
  ['textasciitilde', '~'],
  ['textasciicircum', '^'],
  ['textunderscore', '_'],
  ['textbar', '|'],
  ['textless', '<'],
  ['textgreater', '>'],
  ['textendash', '–'],
  ['textemdash', '—'],
  ['textquoteleft', '‘'],
  ['textquoteright', '’'],
  ['textquotedblleft', '“'],
  ['textquotedblright', '”'],
  ['textdegree', '°'],
  ['textregistered', '®'],
  ['circledR', '®'],
  ['dag', '†'],
  ['ddag', '‡'],
]);

/** Commands that only say how things look. */
export const SILENT = new Set(
  (
    'left right big Big bigg Bigg bigl bigr Bigl Bigr middle limits nolimits displaystyle textstyle scriptstyle ' +
    'bf it em rm sf tt sc sl cal bfseries itshape ttfamily scshape mathstrut xspace protect noindent centering ' +
    'tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge boldmath unboldmath nobreak ' +
    'smallskip medskip bigskip allowbreak relax ensuremath'
  ).split(' '),
);

/** Commands whose argument is for the typesetter, not for the reader. */
export const DROPPED_ARGUMENT = new Set(
  (
    'cite citep citet citealp citeyear citeauthor parencite autocite ref eqref autoref cref Cref label index ' +
    'hspace vspace color begin end bibliographystyle phantom hphantom vphantom fontsize thanks'
  ).split(' '),
);

/** Marks that LaTeX sets over or under the letter that follows. */
export const ACCENTS = new Map([
  ['"', '\u0308'],
  ["'", '\u0301'],
  ['`', '\u0300'],
  ['^', '\u0302'],
  ['~', '\u0303'],
  ['=', '\u0304'],
  ['.', '\u0307'],
  ['c', '\u0327'],
  ['v', '\u030c'],
  ['u', '\u0306'],
  ['H', '\u030b'],
  ['k', '\u0328'],
  ['r', '\u030a'],
  ['d', '\u0323'],
  ['hat', '\u0302'],
  ['widehat', '\u0302'],
  ['tilde', '\u0303'],
  ['widetilde', '\u0303'],
  ['bar', '\u0304'],
  ['overline', '\u0304'],
  ['dot', '\u0307'],
  ['ddot', '\u0308'],
  ['vec', '\u20d7'],
  ['check', '\u030c'],
  ['breve', '\u0306'],
  ['acute', '\u0301'],
  ['grave', '\u0300'],
]);

/**
 * The letter with its mark as one character, or undefined where Unicode has none.
 * (unicodeit answers some of these with Cyrillic look-alikes, which no search finds.)
 */
export function accented(letter: string, mark: string): string | undefined {
  const base = letter.replace('ı', 'i').replace('ȷ', 'j');
  const composed = (base + mark).normalize('NFC');
  return base !== '' && composed.length === 1 ? composed : undefined;
}

/** The text for a whole command name without its backslash, or undefined for a name we don't know. */
export function symbolFor(name: string): string | undefined {
  return OVERRIDES.get(name) ?? SYMBOLS.get(`\\${name}`);
}

/** `\mathbb{R}` has a letter of its own that every font shows; rarer alphabets fall back to the plain letter. */
export function blackboardLetter(letter: string): string {
  const symbol = SYMBOLS.get(`\\mathbb{${letter}}`);
  return symbol?.length === 1 ? symbol : letter;
}

/**
 * Raises or lowers already readable text: `2` → `²`. What Unicode can't raise stays readable: `^(a+b)`, `_train`.
 * Words are left alone even where Unicode has the letters, because nobody can read or search `ₜᵣₐᵢₙ`.
 */
export function scriptText(mark: '^' | '_', inner: string, before: string): string {
  const text = inner.trim();
  if (text === '') return '';
  if (mark === '^') {
    if (/^[′″*†‡°®™]+$/.test(text)) return text;
    if (text === '∘') return '°';
    if (text === '⊤') return 'ᵀ';
    if (/^(?:st|nd|rd|th)$/.test(text) && /\d/.test(before.slice(-1))) return text;
  }
  if (text.length <= 2 || /^[-−+]?\d+$/.test(text)) {
    const raised = Array.from(text, (letter) => SCRIPTS.get(mark + letter));
    if (raised.every((letter) => letter !== undefined)) return raised.join('');
  }
  return /^-?[\p{L}\p{N}.*]+$/u.test(text) ? mark + text : `${mark}(${text})`;
}
