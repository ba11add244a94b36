/** What a person may ask for when subscribing or changing preferences; form, API, CLI and CSV all go through here. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../languages.ts';
import { parseAddress } from '../mail/address.ts';
import { isRefusedDomain } from '../mail/refused-domains.ts';
import { shorten } from '../mail/words.ts';
import { type Message, type MessageArguments, type MessageKey, translatorFor } from '../messages.ts';
import { readPaperMentions } from '../papers/paper-mentions.ts';
import { isTimezone } from './schedule.ts';

const english = translatorFor('en');

/** zod hands on one string: the message and what goes into it. */
function fault(key: MessageKey, args: MessageArguments = {}): string {
  return JSON.stringify({ key, args } satisfies Message);
}

/** A line break or other control character has no place in any field, and would forge headers or lines elsewhere. */
const line = (max: number) =>
  z
    .string()
    .max(max, fault('fault.tooLong', { max }))
    .refine((value) => !/[\p{Cc}\u2028\u2029]/u.test(value), fault('fault.control'));

const MAX_PHRASES = 100;
const phrases = z
  .array(line(120))
  .max(MAX_PHRASES, fault('fault.tooMany', { max: MAX_PHRASES }))
  .transform((values) => [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))]);

const email = line(320).transform((value, context) => {
  const parsed = parseAddress(value);
  if (parsed) return { address: parsed.address, key: parsed.normalised };
  context.addIssue({ code: 'custom', message: fault('fault.address') });
  return z.NEVER;
});

/** A form sends digits, a program a number; what JavaScript also takes for a number (null, '', true, [5]) is refused. */
const whole = (min: number, max: number) => {
  const error = fault('fault.number', { min, max });
  const number = z.int({ error }).min(min, error).max(max, error);
  return z.union(
    [
      number,
      z
        .string()
        .regex(/^ *\d{1,3} *$/)
        .transform(Number)
        .pipe(number),
    ],
    { error },
  );
};

const MAX_TOPICS = 200;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

const wishes = {
  topics: z
    .array(line(80))
    .max(MAX_TOPICS, fault('fault.tooMany', { max: MAX_TOPICS }))
    .default([]),
  keywords: phrases.default([]),
  frequency: z.enum(['daily', 'weekly'], { error: fault('fault.frequency') }).default('daily'),
  /** The day of a weekly digest, 0 is Sunday. */
  weekday: whole(0, 6).prefault(1),
  /** The days of a daily digest. */
  weekdays: z
    .array(whole(0, 6))
    .max(7, fault('fault.days'))
    .optional()
    .transform((days) => (days && days.length > 0 ? [...new Set(days)].sort() : EVERY_DAY)),
  hour: whole(0, 23).prefault(8),
  timezone: line(64).refine(isTimezone, fault('fault.timezone')).default('UTC'),
};

const language = z.enum(LANGUAGES, { error: fault('fault.language', { languages: LANGUAGES.join(', ') }) });

const MAX_LIKED = 100;

/** Papers by arXiv id, DOI or address, as keys. An empty entry is what a form sends for an empty line. */
const liked = z
  .array(line(500))
  .max(MAX_LIKED, fault('fault.tooMany', { max: MAX_LIKED }))
  .describe('Papers the reader likes: arXiv ids, DOIs or links. The first digest follows them.')
  .default([])
  .transform((entries, context) => {
    const filled = entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
    const keys = [...new Set(filled.flatMap(readPaperMentions))];
    const unreadable = filled.find((entry) => readPaperMentions(entry).length === 0);
    if (unreadable === undefined && keys.length <= MAX_LIKED) return keys;
    const message =
      unreadable === undefined
        ? fault('fault.tooMany', { max: MAX_LIKED })
        : fault('fault.liked', { entry: shorten(unreadable, 60) });
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const subscriptionSchema = z.object({
  email,
  ...wishes,
  language: language.describe('Of the mails.').default(DEFAULT_LANGUAGE),
  liked,
});
const addressSchema = z.object({ email });

const amount = {
  paperCount: whole(3, 20).prefault(10),
  pickiness: z.enum(['low', 'medium', 'high'], { error: fault('fault.pickiness') }).default('medium'),
};

const preferencesSchema = z.object({
  ...wishes,
  excludedWords: phrases.default([]),
  authors: phrases.default([]),
  ...amount,
  /** What it was where left out. */
  language: language.optional(),
});

/** A profile without a reader: what a digest would be made from. */
const draftSchema = z.object({
  topics: wishes.topics.describe('Slugs, as in /api/topics.'),
  keywords: phrases.default([]),
  liked,
  excluded: phrases.describe('Papers with any of these words are left out.').default([]),
  authors: phrases.describe('Names of people whose papers come first.').default([]),
  ...amount,
  frequency: wishes.frequency,
  timezone: wishes.timezone,
  language: language.default(DEFAULT_LANGUAGE),
});

export type Subscription = z.output<typeof subscriptionSchema>;
export type Preferences = z.output<typeof preferencesSchema>;
export type ProfileDraft = z.output<typeof draftSchema>;

export interface FieldFault {
  field: string;
  /** In English, as the end of a sentence that the field begins. */
  message: string;
  /** The same for who says it in another language. */
  fault: Message;
}

/** Either the parsed input or what is wrong with it, one fault a field, in the order of the fields. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; faults: FieldFault[] };

/** `refusedDomains`: as the operator set them. */
export function parseSubscription(input: unknown, refusedDomains: ReadonlySet<string>): Parsed<Subscription> {
  const parsed = parse(subscriptionSchema, input);
  const email = parseEmail(input, refusedDomains);
  if (email.ok) return parsed;
  const told = email.faults.map(({ field }) => field);
  const others = parsed.ok ? [] : parsed.faults.filter(({ field }) => !told.includes(field));
  return { ok: false, faults: [...email.faults, ...others] };
}

/** The address alone; `input` has it as `email`, among whatever else. */
export function parseEmail(
  input: unknown,
  refusedDomains: ReadonlySet<string>,
): Parsed<Subscription['email']> {
  const parsed = parse(addressSchema, input);
  if (!parsed.ok) return parsed;
  const { email } = parsed.value;
  const domain = email.key.slice(email.key.lastIndexOf('@') + 1);
  if (!isRefusedDomain(domain, refusedDomains)) return { ok: true, value: email };
  return { ok: false, faults: [toFault('email', { key: 'fault.refused', args: { domain } })] };
}

export function parsePreferences(input: unknown): Parsed<Preferences> {
  return parse(preferencesSchema, input);
}

export function parseDraft(input: unknown): Parsed<ProfileDraft> {
  return parse(draftSchema, input);
}

/** The same rules for the description of the API. */
export function subscriptionJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf(subscriptionSchema);
}

export function draftJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf(draftSchema);
}

function jsonSchemaOf(input: z.ZodType): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return schema;
}

/** The first fault as an error, for callers that show one sentence. */
export function inputError(faults: readonly Pick<FieldFault, 'field' | 'message'>[]): AppError {
  const [first] = faults;
  const sentence = faults.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new AppError('INPUT_INVALID', `${sentence}.`, { field: first?.field });
}

/** The weekdays of the schedule: one for weekly, the chosen ones for daily. */
export function scheduledWeekdays(input: Pick<Subscription, 'frequency' | 'weekday' | 'weekdays'>): number[] {
  return input.frequency === 'weekly' ? [input.weekday] : input.weekdays;
}

function parse<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  const faults = new Map<string, FieldFault>();
  for (const { path, message } of result.error.issues) {
    const field = String(path[0] ?? 'body');
    if (!faults.has(field)) faults.set(field, toFault(field, readFault(message)));
  }
  return { ok: false, faults: [...faults.values()] };
}

function toFault(field: string, { key, args }: Message): FieldFault {
  return { field, message: english(key, args), fault: { key, args } };
}

function readFault(message: string): Message {
  // What zod says of its own is of a field that is not there, or no text, number or list where it should be one.
  return message.startsWith('{') ? JSON.parse(message) : { key: 'fault.missing', args: {} };
}
