/** Finds papers by author: names match whatever their accents and case, and an initial stands for a given name. */
import { foldText } from './tokenize.ts';

interface PersonName {
  given: string[];
  family: string;
}

/** By family name, the papers (ordinals ascending) and who of that name wrote them. */
export type AuthorDirectory = ReadonlyMap<
  string,
  readonly { paper: number; name: string; given: string[] }[]
>;

/** Words that belong to the family name after them. */
const PARTICLES = new Set(
  'van von der den de del della di du da dos la le el al bin ibn ter ten zu'.split(' '),
);
const SUFFIXES = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'phd', 'md']);

/** Indexes lists of author names given in ordinal order. */
export function indexAuthors(authorLists: readonly (readonly string[])[]): AuthorDirectory {
  const directory = new Map<string, { paper: number; name: string; given: string[] }[]>();
  authorLists.forEach((names, paper) => {
    for (const name of names) {
      const { family, given } = readName(name);
      if (!family) continue;
      const entries = directory.get(family);
      if (entries) entries.push({ paper, name, given });
      else directory.set(family, [{ paper, name, given }]);
    }
  });
  return directory;
}

/** Papers by a person, ordinals ascending, each once, with the name as the paper has it. */
export function findByAuthor(directory: AuthorDirectory, author: string): { paper: number; name: string }[] {
  const { family, given } = readName(author);
  const found: { paper: number; name: string }[] = [];
  for (const entry of directory.get(family) ?? []) {
    if (found.at(-1)?.paper !== entry.paper && isSameGiven(given, entry.given)) found.push(entry);
  }
  return found;
}

/** Whether two spellings may be one person: "Y. LeCun", "LeCun, Yann" and "Yann LeCun" are, "Yoshua LeCun" is not. */
export function isSameAuthor(a: string, b: string): boolean {
  const left = readName(a);
  const right = readName(b);
  return left.family !== '' && left.family === right.family && isSameGiven(left.given, right.given);
}

function readName(name: string): PersonName {
  const [before = '', after] = name.split(',', 2);
  const inverted = after !== undefined && nameWords(after).length > 0;
  const words = inverted ? [...nameWords(after), ...nameWords(before)] : nameWords(before);
  if (words.length === 0) return { given: [], family: '' };
  let familyStart = words.length - 1;
  while (familyStart > 1 && PARTICLES.has(words[familyStart - 1] ?? '')) familyStart -= 1;
  return { given: words.slice(0, familyStart), family: words.slice(familyStart).join(' ') };
}

function nameWords(text: string): string[] {
  const words = foldText(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.filter((word) => !SUFFIXES.has(word));
}

/** The first given names must agree; the further ones only where both sides have them. */
function isSameGiven(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length;
  // "Xiao-Ming" and "Xiaoming".
  if (a.join('') === b.join('')) return true;
  return a.slice(0, b.length).every((word, at) => {
    const other = b[at] ?? '';
    return (
      word === other ||
      (word.length === 1 && other.startsWith(word)) ||
      (other.length === 1 && word.startsWith(other))
    );
  });
}
