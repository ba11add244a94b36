/** The languages that pages and mails come in, and which of them a browser asks for. Pure. */

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** In which everything was written first. */
export const DEFAULT_LANGUAGE: Language = 'en';

/** Each in its own words, for people who look for theirs. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

/** Longer headers are nobody's wishes. */
const HEADER_CHARS = 500;

/** The one of ours that an `Accept-Language` header (RFC 9110) likes best; `de-AT` is met by `de`. */
export function pickLanguage(header: string | undefined): Language {
  const wishes = (header ?? '')
    .slice(0, HEADER_CHARS)
    .split(',')
    .map((wish) => {
      const [tag = '', weight] = wish.toLowerCase().split(';');
      const q = /^\s*q=(\d(?:\.\d*)?)\s*$/.exec(weight ?? '')?.[1];
      return { name: tag.trim().split('-')[0], q: Number(q ?? 1) };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { name } of wishes) {
    const language = LANGUAGES.find((each) => each === name);
    if (language) return language;
  }
  return DEFAULT_LANGUAGE;
}
