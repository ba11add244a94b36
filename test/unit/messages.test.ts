/** Guards the message files: every language says everything, with the same things put in, and nothing is said that no page or mail has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../src/languages.ts';
import { MESSAGES, type MessageKey, translatorFor } from '../../src/messages.ts';
import { projectRoot } from '../../src/project-root.ts';

const keys = Object.keys(MESSAGES.en) as MessageKey[];
const others = LANGUAGES.filter((language) => language !== 'en');

type Element = ReturnType<IntlMessageFormat['getAst']>[number];

/** "name" for what is put in, "<name>" for a tag, however deep they stand. */
function namesIn(elements: readonly Element[]): string[] {
  return elements.flatMap((element) => {
    // The parser's numbers: 0 is text, and 7 the number of a plural.
    if (element.type === 0 || element.type === 7 || !('value' in element)) return [];
    if ('children' in element) return [`<${element.value}>`, ...namesIn(element.children)];
    const inner = 'options' in element ? Object.values(element.options).map(({ value }) => value) : [];
    return [element.value, ...inner.flatMap(namesIn)];
  });
}

const namesOf = (language: Language, key: MessageKey) =>
  [
    ...new Set(
      namesIn(new IntlMessageFormat(MESSAGES[language][key], translatorFor(language).locale).getAst()),
    ),
  ].sort();

const sources = ['src', 'templates']
  .flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((path) => /\.(ts|eta|mjml|txt)$/.test(path))
  .map((path) => readFileSync(join(projectRoot, path), 'utf8'))
  .join('\n');

/** The names in the object that begins here: `{ n: list.length, place }`. */
function readNames(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let entry = '';
  for (const character of text) {
    if ('{(['.includes(character)) depth += 1;
    if ('})]'.includes(character)) depth -= 1;
    if (depth === 0 || (depth === 1 && character === ',')) {
      names.push(entry.trim().split(':')[0]?.trim() ?? '');
      entry = '';
      if (depth === 0) break;
    } else if (!(depth === 1 && character === '{')) entry += character;
  }
  return names.filter((name) => name !== '').sort();
}

describe('the messages', () => {
  it.each(others)('in %s are those that there are in English', (language) => {
    expect(Object.keys(MESSAGES[language])).toEqual(keys);
  });

  it.each(others)('in %s take what the English ones take', (language) => {
    const differing = keys.filter((key) => namesOf(language, key).join() !== namesOf('en', key).join());
    expect(differing).toEqual([]);
  });

  it.each(LANGUAGES)('in %s all say something', (language) => {
    // The parser throws at what is no ICU MessageFormat, which `namesOf` above asked of each.
    expect(keys.filter((key) => MESSAGES[language][key].trim() === '')).toEqual([]);
  });

  it.each(LANGUAGES)(
    'in %s write numbers and choose plurals in the one way that they are compiled for',
    (language) => {
      const styled = keys.filter((key) =>
        /selectordinal|, (date|time)|number,|::/.test(MESSAGES[language][key]),
      );
      expect(styled).toEqual([]);
    },
  );

  it('are all said somewhere', () => {
    const unused = keys.filter(
      (key) => ![`'${key}'`, `{{${key}}}`, `{{${key} |`].some((use) => sources.includes(use)),
    );
    expect(unused).toEqual([]);
  });

  it('are called by names that there are', () => {
    const called = [...sources.matchAll(/\bt\('([\w.]+)'|\{\{([a-z][\w.-]*)(?:\}\}| \|)/gi)];
    expect(called.length).toBeGreaterThan(200);
    const names = called.map(([, call, marker]) => call ?? marker ?? '');
    expect(names.filter((name) => !(name in MESSAGES.en))).toEqual([]);
  });

  it('get all that they take where code says them', () => {
    const calls = [...sources.matchAll(/\bt\(\s*'([\w.]+)'(?:,\s*(?=\{)|\s*,?\s*\))/g)];
    expect(calls.length).toBeGreaterThan(100);
    const wrong = calls.flatMap((call) => {
      const key = call[1] as MessageKey;
      const given = call[0].includes(',') ? readNames(sources.slice(call.index + call[0].length)) : [];
      return given.join() === namesOf('en', key).join() ? [] : [`${key}: ${given}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe('a translator', () => {
  it('counts and writes numbers as its language does', () => {
    const [en, de] = [translatorFor('en'), translatorFor('de')];
    expect([1, 1200].map((n) => en('count.citations', { n }))).toEqual(['1 citation', '1,200 citations']);
    expect([1, 1200].map((n) => de('count.citations', { n }))).toEqual(['1 Zitierung', '1.200 Zitierungen']);
  });

  it('throws rather than to leave a hole', () => {
    expect(() => translatorFor('de')('count.citations')).toThrow();
  });

  it('speaks English where a stored language is no more', () => {
    expect(translatorFor('xx' as Language).language).toBe('en');
  });
});
