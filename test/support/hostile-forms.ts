/** Forms of readers with valid links, filled in badly: one field hostile and the others as they should be, in every way a field can be. */
import type { InjectOptions } from 'fastify';
import { HOSTILE_BODIES, HOSTILE_VALUES, wellFormed } from './hostile-values.ts';
import { encodeForm, type Fields } from './site.ts';

export interface BadForm {
  /** The route that it goes to. */
  pattern: string;
  request: InjectOptions;
}

/** What each route that takes a link takes besides, well filled in. */
export const READER_FORMS: Readonly<Record<string, Fields>> = {
  '/confirm/:token': {},
  '/preferences/:token': {
    topics: ['cs-ro', 'cs-cl'],
    keywords: 'robots, hands',
    authors: 'Ada Feel',
    excludedWords: 'blockchain',
    frequency: 'daily',
    weekday: '2',
    weekdays: ['1', '3'],
    hour: '7',
    timezone: 'Europe/Berlin',
    paperCount: '12',
    pickiness: 'high',
    language: 'de',
  },
  '/preferences/:token/preview': { keywords: 'robots', hour: '7', paperCount: '5' },
  '/preferences/:token/like': { liked: '2611.10001' },
  '/preferences/:token/forget': { paper: '1', givenAt: '2026-11-24T09:30:00.000Z' },
  '/preferences/:token/address': { email: 'ada@new.example.net' },
  '/preferences/:token/address/cancel': {},
  '/address/:token': {},
  '/preferences/:token/export': {},
  '/preferences/:token/erase': {},
  '/preferences/:token/erase/undo': {},
  '/pause/:token': { until: 'date', date: '2026-12-24' },
  '/pause/:token/weekly': {},
  '/pause/:token/daily': { weekdays: '1,2' },
  '/unsubscribe/:token': { 'List-Unsubscribe': 'One-Click' },
  '/unsubscribe/:token/undo': {},
  '/unsubscribe/:token/instead': { change: 'fewer' },
  '/unsubscribe/:token/reason': { reason: 'other' },
  '/more/:token': { digest: 'x' },
  '/more/:token/undo': { digest: 'x' },
  '/less/:token': { digest: 'x' },
  '/less/:token/undo': { digest: 'x' },
};

/** Addresses that would bring a header, a second recipient or another mailbox, if they were taken as they are. */
export const HOSTILE_ADDRESSES: readonly string[] = [
  'ada@new.example.net\r\nBcc: evil@evil.example',
  'ada@new.example.net\nBcc: evil@evil.example',
  'ada\r\nBcc: evil@evil.example\r\n@new.example.net',
  'ada@new.example.net%0d%0aBcc:%20evil@evil.example',
  'ada@new.example.net\u2028Bcc: evil@evil.example',
  'ada@new.example.net\u0085Bcc: evil@evil.example',
  'ada@new.example.net\r\n.\r\nMAIL FROM:<evil@evil.example>',
  'ada@new.example.net> RCPT TO:<evil@evil.example',
  'ada@new.example.net, evil@evil.example',
  'ada@new.example.net;evil@evil.example',
  'ada@new.example.net evil@evil.example',
  'evil@evil.example <ada@new.example.net>',
  '"ada\r\nBcc: evil@evil.example"@new.example.net',
  '"ada@evil.example"@new.example.net',
  'ada@evil.example@new.example.net',
  'ada(evil@evil.example)@new.example.net',
  '=?utf-8?q?evil=40evil.example?=@new.example.net',
  '@evil.example:ada@new.example.net',
  'ada%evil.example@new.example.net',
  'ada!evil@new.example.net',
  'ada@[127.0.0.1]',
  'ada@127.0.0.1',
  'ada@0x7f000001',
  'ada@new.example.net\0.evil.example',
  'ada@new.example.net/evil.example',
  'ada@new.exámple.net',
  'ada@ⓔvil.example',
  'ada@evil。example',
  'аda@new.example.net',
  '\ufeffada@new.example.net',
  '\u202eada@new.example.net',
  `${'a'.repeat(65)}@new.example.net`,
  `ada@${'a'.repeat(64)}.example.net`,
  `ada@${'a.'.repeat(130)}net`,
  "'or'1'='1@new.example.net",
  '-oQ/tmp@new.example.net',
  '|evil@new.example.net',
];

const all = Object.values(HOSTILE_VALUES).flat();
/** Just inside or outside of what some field takes. */
const EDGES = ['-1', '0', '1', '2', '6', '7', '20', '21', '23', '24', '30', '31'];
/** Says no more than where the page comes from, or how they leave. */
const INCIDENTAL = new Set(['digest', 'List-Unsubscribe']);

/** Every hostile value in some field of the form, and every shape of a field. */
export function* badForms(pattern: string): Generator<BadForm> {
  const good = READER_FORMS[pattern] ?? {};
  const names = Object.keys(good);
  const isUpload = pattern.endsWith('/like');
  const form = (fields: Fields, more = ''): BadForm => ({
    pattern,
    request: isUpload
      ? upload(fields)
      : {
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: [encodeForm(fields), more].filter(Boolean).join('&'),
        },
  });
  for (const [at, value] of all.entries()) {
    // Beside good fields, so that no other fault keeps it from being stored; where there are many, each has its turn.
    for (const [nth, name] of names.entries()) {
      const turns = INCIDENTAL.has(name) ? 5 : names.length > 2 ? names.length : 1;
      if ((at + nth) % turns === 0) yield form({ ...good, [name]: value });
    }
    if (names.length === 0 && at % 10 === 0) yield form({ [wellFormed(value)]: value });
  }
  for (const name of names) {
    const { [name]: typed = '', ...others } = good;
    const [first = ''] = [typed].flat();
    for (const values of [
      [first, '<x-evil-7>'],
      ['<x-evil-7>', first],
      Array.from({ length: 500 }, () => first),
      ['', ' ', '\t', first],
    ]) {
      yield form({ ...others, [name]: values });
    }
    for (const shape of ['[]', '[0]', '[a]', '[__proto__]', '.a', '%00', '%20']) {
      yield form(others, `${name}${shape}=${encodeURIComponent(first)}`);
    }
    yield form({ ...others, [name]: `${first}${'\u0301'.repeat(30_000)}` });
    yield form(others, `${name}=%ff%fe&${name}=%&${name}`);
    for (const edge of EDGES) yield form({ ...others, [name]: edge });
    yield form({ ...others, [name]: first.toUpperCase() });
    yield form(others);
  }
  for (const { type, payload } of HOSTILE_BODIES) {
    yield { pattern, request: { headers: { 'content-type': type }, payload } };
  }
  yield { pattern, request: {} };
  if ('email' in good) for (const email of HOSTILE_ADDRESSES) yield form({ email });
}

function upload(fields: Fields): InjectOptions {
  const parts = Object.entries(fields).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) => `--evil\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  return {
    headers: { 'content-type': 'multipart/form-data; boundary=evil' },
    payload: `${parts.join('')}--evil--\r\n`,
  };
}
