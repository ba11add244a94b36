/** Which language a browser gets: the one of ours that it likes best, and English where it likes none. */
import { expect, it } from 'vitest';
import { pickLanguage } from '../../src/languages.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['DE-at', 'de'],
  ['de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7', 'de'],
  ['en-US,en;q=0.9,de;q=0.8', 'en'],
  ['en;q=0.2, de;q=0.3', 'de'],
  ['fr-FR, de ; q=0.5', 'de'],
  ['fr, it;q=0.5', 'en'],
  ['fr, *;q=0.5', 'en'],
  ['de;q=0', 'en'],
  ['de;q=0.0, en;q=0.1', 'en'],
  ['den, deutsch', 'en'],
  ['de;q=abc', 'de'],
  [';;q=,,,=', 'en'],
  [`${'x,'.repeat(100_000)}de`, 'en'],
])('%j is met by %s', (header, language) => expect(pickLanguage(header)).toBe(language));
