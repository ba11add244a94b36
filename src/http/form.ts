/** From what a browser or a client posts to what the use cases parse. Pure. */
import { AppError } from '../errors.ts';
import { LANGUAGES, type Language } from '../languages.ts';
import type { MessageKey, Translate } from '../messages.ts';
import { splitMentions } from '../papers/paper-mentions.ts';
import type { FieldFault } from '../subscribers/subscription-input.ts';
import type { FieldError } from '../template-views.ts';

export type FormBody = Record<string, string | string[] | undefined>;

/** A repeated field's values; none where it was not sent. */
export function many(body: FormBody, field: string): string[] {
  const value = body[field];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The last value, as a browser means it where a field stands twice; undefined where it was left out. */
export function one(body: FormBody, field: string): string | undefined {
  return many(body, field).at(-1);
}

/** A number as typed, to be shown again; `fallback` where it is none. */
export function wholeNumber(body: FormBody, field: string, fallback: number): number {
  const number = Number.parseInt(one(body, field) ?? '', 10);
  return Number.isNaN(number) ? fallback : number;
}

/** "a, b" as a list. */
export function commaSeparated(text: string | undefined): string[] {
  return (text ?? '').split(',');
}

/** The form of the landing page. Empty fields fall back to their defaults, except the address; `language` is that of the page. */
export function readSubscribeForm(body: FormBody, language: Language): Record<string, unknown> {
  return {
    email: one(body, 'email') ?? '',
    ...readSchedule(body),
    language: given(body, 'language') ?? language,
    liked: splitMentions(one(body, 'liked') ?? ''),
  };
}

/** The form of the preference page. */
export function readPreferencesForm(body: FormBody): Record<string, unknown> {
  return {
    ...readSchedule(body),
    weekdays: many(body, 'weekdays'),
    excludedWords: commaSeparated(one(body, 'excludedWords')),
    authors: commaSeparated(one(body, 'authors')),
    paperCount: given(body, 'paperCount'),
    pickiness: given(body, 'pickiness'),
    language: given(body, 'language'),
  };
}

function readSchedule(body: FormBody): Record<string, unknown> {
  return {
    topics: many(body, 'topics'),
    keywords: commaSeparated(one(body, 'keywords')),
    frequency: given(body, 'frequency'),
    weekday: given(body, 'weekday'),
    hour: given(body, 'hour'),
    timezone: given(body, 'timezone'),
  };
}

/** Undefined where it is none of ours. */
export function typedLanguage(body: FormBody): Language | undefined {
  return LANGUAGES.find((language) => language === one(body, 'language'));
}

function given(body: FormBody, field: string): string | undefined {
  return one(body, field) || undefined;
}

/** Fastify hands over whatever the parser of the content type made; a form is flat. Throws AppError `INPUT_INVALID`. */
export function asForm(body: unknown): FormBody {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as FormBody;
  throw new AppError('INPUT_INVALID', 'The request has no form in it.');
}

/** The fields as the pages call them. */
const LABELS: Record<string, MessageKey> = {
  email: 'field.email',
  topics: 'field.topics',
  keywords: 'field.keywords',
  excludedWords: 'field.excludedWords',
  authors: 'field.authors',
  frequency: 'field.frequency',
  weekday: 'field.weekday',
  weekdays: 'field.weekdays',
  hour: 'field.hour',
  timezone: 'field.timezone',
  language: 'field.language',
  paperCount: 'field.paperCount',
  pickiness: 'field.pickiness',
  liked: 'field.liked',
};

/** Faults in whole sentences, since a page lists them far from their fields. */
export function faultSentences(faults: readonly FieldFault[], t: Translate): FieldError[] {
  return faults.map(({ field, fault: { key, args } }) => {
    const label = LABELS[field];
    const words = { field: label ? t(label) : field, fault: t(key, args) };
    return { field, message: t('fault.sentence', words) };
  });
}
