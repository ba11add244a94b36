/** What the front page and the page of a preview share: the form, with what was typed. */
import type { Context } from '../context.ts';
import { DEFAULT_LANGUAGE } from '../languages.ts';
import { ADDRESS_SLIPS } from '../mail/address-hint.ts';
import type { MessageKey, Translate } from '../messages.ts';
import type { Parsed } from '../subscribers/subscription-input.ts';
import { listTopicGroups } from '../subscribers/topics.ts';
import type { FieldError, SubscribeForm, SubscribeValues } from '../template-views.ts';
import { type FormBody, faultSentences, many, one, typedLanguage, wholeNumber } from './form.ts';
import { keepFor } from './keep-for.ts';
import { languages } from './languages.ts';
import { timezones } from './timezones.ts';

export const NOTHING_TYPED: SubscribeValues = {
  email: '',
  topics: [],
  keywords: '',
  frequency: 'daily',
  weekday: 1,
  hour: 8,
  timezone: 'UTC',
  language: DEFAULT_LANGUAGE,
  liked: '',
  bib: '',
};

const addressSlips = JSON.stringify(ADDRESS_SLIPS);

/** A function that fills the form; its topics are kept for a minute, as everyone sees the same. */
export function createSubscribeForm(
  ctx: Context,
): (values: SubscribeValues, errors: SubscribeForm['errors']) => Promise<SubscribeForm> {
  const topicGroups = keepFor(60_000, ctx.now, () => listTopicGroups(ctx.db));
  return async (values, errors) => ({
    values,
    errors,
    topicGroups: await topicGroups(),
    timezones,
    languages,
    addressSlips,
  });
}

/** What was typed, as far as the form can show it again; `bib` is the name of the file that came along. */
export function typedValues(body: FormBody, { language }: Translate, bib = ''): SubscribeValues {
  return {
    email: one(body, 'email') ?? '',
    topics: many(body, 'topics'),
    keywords: one(body, 'keywords') ?? '',
    frequency: one(body, 'frequency') === 'weekly' ? 'weekly' : 'daily',
    weekday: wholeNumber(body, 'weekday', 1),
    hour: wholeNumber(body, 'hour', 8),
    timezone: one(body, 'timezone') ?? 'UTC',
    language: typedLanguage(body) ?? language,
    liked: one(body, 'liked') ?? '',
    bib,
  };
}

/** What is wrong with the fields and with the file, in sentences. */
export function signUpFaults(
  parsed: Parsed<unknown>,
  fileFault: MessageKey | null,
  t: Translate,
): FieldError[] {
  return [
    ...(parsed.ok ? [] : faultSentences(parsed.faults, t)),
    ...(fileFault ? [{ field: 'bib', message: t(fileFault) }] : []),
  ];
}
