/**
 * Turns text into words the same way for papers, keywords and excluded words: case, accents and hyphens do not matter,
 * and scripts written without spaces are cut into pairs of characters.
 */
import { stem } from './stem.ts';

/** One word in reading order. An alias is a second reading of the words that follow it and takes no place of its own. */
export interface Word {
  text: string;
  alias: boolean;
}

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;
const SPELLED = new RegExp(String.raw`${LETTER}+(?:[-_\u2010-\u2015]${LETTER}+)*`, 'gu');
const HYPHENS = /[-_\u2010-\u2015]+/u;
/** Hyphenated words, the three languages that end in a sign, and pictures. */
const WORDS = new RegExp(
  String.raw`(?<!${LETTER})[cf](?:\+\+|#)|${LETTER}+(?:[-_\u2010-\u2015]${LETTER}+)*|\p{Extended_Pictographic}`,
  'gu',
);
const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}`;
const RUNS = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, 'gu');
const UNSPACED_START = new RegExp(`^[${UNSPACED}]`, 'u');
/** Longer hyphen chains ("state-of-the-art") are not written as one word by anyone. */
const MAX_JOINED_PARTS = 3;

/** Letters that Unicode does not take apart into base and accent. */
const FOLDED: Record<string, string> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  þ: 'th',
  ð: 'd',
};

const STOP_WORDS = new Set(
  (
    'a about above after again all also am an and any are as at be because been before being between both but by can ' +
    'cannot could did do does doing down during each few for from further had has have having he her here hers him his ' +
    'how i if in into is it its itself me more most my no nor not of off on once only or other our ours out over own ' +
    'same she should so some such than that the their theirs them then there these they this those through to too ' +
    'under until up very via was we were what when where which while who whom why will with would you your yours'
  ).split(' '),
);

/** Lower case without accents, compatibility forms unified (full width, ligatures), apostrophes gone. */
export function foldText(text: string): string {
  const plain = /^[\x20-\x7e\s]*$/.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFKC')
        .toLowerCase()
        .replace(/[łøđßæœıþð]/g, (letter) => FOLDED[letter] ?? letter);
  return plain.replace(/['’ʼ]s\b/g, '').replace(/['’ʼ]/g, '');
}

/**
 * Splits text into folded, unstemmed words. A hyphenated word gives its parts and, before them, the joined form as an
 * alias; a run of Chinese, Japanese, Korean or the like gives its character pairs, with the single characters as aliases.
 */
export function splitWords(text: string): Word[] {
  const words: Word[] = [];
  for (const [match] of foldText(text).matchAll(WORDS)) {
    const parts = match.split(HYPHENS);
    if (parts.length > 1 && parts.length <= MAX_JOINED_PARTS)
      words.push({ text: parts.join(''), alias: true });
    for (const part of parts) pushPart(words, part);
  }
  return words;
}

function pushPart(words: Word[], part: string): void {
  // Everything below the Thai block is written with spaces: the common case, decided without a pattern of scripts.
  if (!/[\u0e00-\uffff]|[\ud800-\udbff]/.test(part)) {
    words.push({ text: part, alias: false });
    return;
  }
  for (const [run] of part.matchAll(RUNS)) {
    const characters = [...run];
    if (characters.length === 1 || !UNSPACED_START.test(run)) {
      words.push({ text: run, alias: false });
      continue;
    }
    characters.forEach((character, at) => {
      words.push({ text: character, alias: true });
      const next = characters[at + 1];
      if (next !== undefined) words.push({ text: character + next, alias: false });
    });
  }
}

/** The term a word is indexed under, or null for a word too common to mean anything. */
export function toTerm(word: string): string | null {
  return STOP_WORDS.has(word) ? null : stem(word);
}

/** Each term of the text as the text first spells it, but for a capital at its start. */
export function spellTerms(text: string): Map<string, string> {
  const spellings = new Map<string, string>();
  const add = (word: string, spelled: string) => {
    const term = toTerm(word);
    if (term !== null && !spellings.has(term)) spellings.set(term, spelled);
  };
  for (const [chain] of text.matchAll(SPELLED)) {
    const [first] = splitWords(chain);
    if (first?.alias && HYPHENS.test(chain)) add(first.text, chain);
    for (const spelled of chain.split(HYPHENS)) {
      // In scripts without spaces the term is a part of what stands there.
      const isPart = UNSPACED_START.test(spelled);
      const isCapitalized = /^\p{Lu}\p{Ll}+$/u.test(spelled);
      for (const word of splitWords(spelled)) add(word.text, isPart || isCapitalized ? word.text : spelled);
    }
  }
  return spellings;
}

/**
 * The readings of a keyword, each a list of terms in order: as written, with hyphenated words joined, and a keyword of
 * two or three words run together ("fine tuning" also finds "finetuning"). Empty where no word carries meaning.
 */
export function readKeyword(keyword: string): string[][] {
  const apart: string[] = [];
  const joined: string[] = [];
  for (const token of foldText(keyword).match(WORDS) ?? []) {
    const words = splitWords(token);
    const parts = toTerms(words.filter((word) => !word.alias));
    apart.push(...parts);
    const [first] = words;
    const isCompound = HYPHENS.test(token) && first?.alias === true;
    joined.push(...(isCompound ? toTerms([first]) : parts));
  }
  const readings = [apart];
  if (joined.length < apart.length) readings.push(joined);
  if (joined.length > 1 && joined.length <= MAX_JOINED_PARTS) {
    const together = toTerm(
      splitWords(keyword)
        .filter((word) => !word.alias)
        .map((word) => word.text)
        .join(''),
    );
    if (together !== null) readings.push([together]);
  }
  return readings.filter((reading) => reading.length > 0);
}

function toTerms(words: readonly Word[]): string[] {
  return words.map((word) => toTerm(word.text)).filter((term) => term !== null);
}
