/**
 * Reads what a person typed as keywords the way a search box would: "quoted words" must stand in a row, -word and
 * -"some words" keep papers out, author:name follows a person.
 */
import type { ReaderProfile } from './profile.ts';

const QUOTES = /[“”„«»]/g;
/** An operator stands at the start of a word, so that hyphens within words are left alone. */
const OPERATORS = /(?<=^|\s)(-|author:)\s*(?:"([^"]*)"?|(\S+))/giu;
const PHRASE = /"([^"]*)"/g;

/** The profile with its keywords taken apart: what they exclude and whom they follow stands where it belongs. */
export function readQuery(profile: ReaderProfile): ReaderProfile {
  if (!profile.keywords.some((keyword) => /["“”„«»:]|(?:^|\s)-/.test(keyword))) return profile;
  const keywords: string[] = [];
  const excluded = [...profile.excluded];
  const authors = [...profile.authors];
  for (const typed of profile.keywords) {
    const plain = typed.replace(QUOTES, '"').trim();
    const whole = /^author:\s*([^"]+)$/i.exec(plain)?.[1];
    if (whole !== undefined) {
      // A name has several words, and here nothing else follows it.
      authors.push(whole.trim());
      continue;
    }
    const rest = plain.replace(OPERATORS, (_, operator: string, quoted?: string, word?: string) => {
      (operator === '-' ? excluded : authors).push((quoted ?? word ?? '').trim());
      return ' ';
    });
    for (const [phrase] of rest.matchAll(PHRASE)) keywords.push(phrase);
    keywords.push(rest.replace(PHRASE, ' ').replaceAll('"', ' ').replace(/\s+/g, ' ').trim());
  }
  const filled = (texts: string[]) => texts.filter((text) => text !== '' && text !== '""');
  return { ...profile, keywords: filled(keywords), excluded: filled(excluded), authors: filled(authors) };
}

/** The words between the quotes of a keyword that asks for them in a row, or null. */
export function quotedWords(keyword: string): string | null {
  return /^"(.+)"$/.exec(keyword)?.[1] ?? null;
}
