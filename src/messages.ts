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

type Formatters = NonNullable<ConstructorParameters<typeof IntlMessageFormat>[3]>['formatters'];

/** One of each: our messages use no other styles, and to look one up by its options takes longer than to use it. */
function createFormatters(locale: string): Formatters {
  const number = new Intl.NumberFormat(locale);
  const date = new Intl.DateTimeFormat(locale);
  const plural = new Intl.PluralRules(locale);
  return {
    getNumberFormat: () => number,
    getDateTimeFormat: () => date,
    getPluralRules: () => plural,
  };
}

const FORMATTERS: Record<Language, Formatters> = {
  en: createFormatters(LOCALES.en),
  de: createFormatters(LOCALES.de),
};

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

type Say = (args: MessageArguments) => string;

function createTranslator(language: Language): Translate {
  const compiled = new Map<MessageKey, Say>();
  const translate = (key: MessageKey, args: MessageArguments = {}) => {
    const known = compiled.get(key);
    if (known) return known(args);
    const say = toFunction(key, compile(language, key));
    compiled.set(key, say);
    return say(args);
  };
  return Object.assign(translate, { language, locale: LOCALES[language] });
}

/** A message without choices is put together here, which takes a tenth of the time: a digest says dozens. */
function toFunction(key: MessageKey, format: IntlMessageFormat): Say {
  const parts = toParts(format.getAst());
  if (!parts.every(({ kind }) => kind === 'text' || kind === 'argument')) {
    return (args) => String(format.format(args));
  }
  return (args) => {
    let words = '';
    for (const part of parts) {
      const piece = part.kind === 'text' ? part.text : part.kind === 'argument' ? args[part.name] : undefined;
      if (piece === undefined) throw new Error(`messages: ${key} lacks what it takes`);
      words += piece;
    }
    return words;
  };
}

function compile(language: Language, key: MessageKey): IntlMessageFormat {
  return new IntlMessageFormat(MESSAGES[language][key], LOCALES[language], undefined, {
    formatters: FORMATTERS[language],
  });
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
