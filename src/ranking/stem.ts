/**
 * Brings the plain inflections of an English word (-s, -ing, -ed, final e) to one stem and no more. Porter's stemmer
 * finds no better papers in our measurements and makes one word of "general", "generic" and "generation", so that
 * excluding one would silently lose papers about the others.
 */

/** The stem of a folded word; words with other than plain letters, and those too short to inflect, stay as they are. */
export function stem(word: string): string {
  return /^[a-z]{4,}$/.test(word) ? withoutEnding(withoutPlural(word)) : word;
}

function withoutPlural(word: string): string {
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Leaves at least four letters before -ing and -ed: "string" and "need" carry no ending. */
function withoutEnding(word: string): string {
  const bare = word.replace(/(?<=[a-z]{4})ing$|(?<=[a-z]{4})(?<!e)ed$/, '');
  // "planning" doubled the last letter of "plan" before the ending.
  const undoubled = bare === word ? bare : bare.replace(/([bdgmnprt])\1$/, '$1');
  return undoubled.length > 3 ? undoubled.replace(/e$/, '') : undoubled;
}
