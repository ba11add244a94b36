/**
 * The words of pages and mails: messages of `templates/messages/` in ICU MessageFormat, by language and key. Each is
 * compiled when it is first said, and kept.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import de from '../templates/messages/de.json' with { type: 'json' };
import en from '../templates/messages/en.json' with { type: 'json' };
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from './languages.ts';

export type MessageKey = keyof typeof en;
export type MessageArguments = Record<string, string | number>;

/** A message of the catalogue and what goes into it, for someone to say who knows the reader's language. */
export interface Message {
  key: MessageKey;
  args: MessageArguments;
}

/** Says a message in one language. Throws where an argument is missing. */
export interface Translate {
  (key: MessageKey, args?: MessageArguments): string;
  readonly language: Language;
  /** Of dates and numbers. */
  readonly locale: string;
}

/** The compiler holds each to the keys of the English one. */
export const MESSAGES: Record<Language, Record<MessageKey, string>> = { en, de };

const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };

const translators = new Map<Language, Translate>(
  LANGUAGES.map((language) => [language, createTranslator(language)]),
);

/** English for a language that there was once, and is no more. */
export function translatorFor(language: Language): Translate {
  const known = translators.get(language) ?? translators.get(DEFAULT_LANGUAGE);
  if (!known) throw new Error('the default language is not among the languages');
  return known;
}

/** A piece of a message before anything is put into it; `other` is a plural, a choice or a number. */
export type MessagePart =
  | { kind: 'text'; text: string }
  | { kind: 'argument'; name: string }
  | { kind: 'tag'; name: string; parts: MessagePart[] }
  | { kind: 'other'; name: string };

/** Throws where the message is no ICU MessageFormat. */
export function partsOf(language: Language, key: MessageKey): MessagePart[] {
  return toParts(compile(language, key).getAst());
}

function createTranslator(language: Language): Translate {
  const compiled = new Map<MessageKey, string | IntlMessageFormat>();
  const find = (key: MessageKey) => {
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const format = compile(language, key);
    // One that takes nothing is what it says.
    const [only, more] = toParts(format.getAst());
    const found = only?.kind === 'text' && !more ? only.text : format;
    compiled.set(key, found);
    return found;
  };
  const translate = (key: MessageKey, args?: MessageArguments) => {
    const found = find(key);
    return typeof found === 'string' ? found : String(found.format(args));
  };
  return Object.assign(translate, { language, locale: LOCALES[language] });
}

function compile(language: Language, key: MessageKey): IntlMessageFormat {
  return new IntlMessageFormat(MESSAGES[language][key], LOCALES[language]);
}

type Element = ReturnType<IntlMessageFormat['getAst']>[number];

function toParts(elements: readonly Element[]): MessagePart[] {
  return elements.map((element) => {
    const value = 'value' in element ? element.value : '';
    if ('children' in element) return { kind: 'tag', name: value, parts: toParts(element.children) };
    // The parser's numbers: 0 is text, 1 an argument.
    if (element.type === 0) return { kind: 'text', text: value };
    return { kind: element.type === 1 ? 'argument' : 'other', name: value };
  });
}
