/** What a reader may ask for: defaults for what is left out, tidy lists, and faults in the order of the fields. */
import { describe, expect, it } from 'vitest';
import {
  inputError,
  parsePreferences,
  parseSubscription as parseWith,
  scheduledWeekdays,
} from '../../../src/subscribers/subscription-input.ts';

const ada = { email: 'ada@example.org' };
const parseSubscription = (input: unknown, refused: string[] = []) => parseWith(input, new Set(refused));

describe('a subscription', () => {
  it('needs an address only; the rest has defaults', () => {
    expect(parseSubscription(ada)).toEqual({
      ok: true,
      value: {
        email: { address: 'ada@example.org', key: 'ada@example.org' },
        topics: [],
        keywords: [],
        frequency: 'daily',
        weekday: 1,
        weekdays: [0, 1, 2, 3, 4, 5, 6],
        hour: 8,
        timezone: 'UTC',
        language: 'en',
        liked: [],
      },
    });
  });

  it('keeps the address as typed and knows it in lower case', () => {
    const parsed = parseSubscription({ email: ' Ada.L+papers@Example.ORG ' });
    expect(parsed).toMatchObject({
      value: { email: { address: 'Ada.L+papers@example.org', key: 'ada.l+papers@example.org' } },
    });
  });

  it('takes numbers and, from forms and files, digits', () => {
    for (const hour of [0, '0', '00', ' 0 '])
      expect(parseSubscription({ ...ada, hour })).toMatchObject({ value: { hour: 0 } });
    for (const weekday of [6, '6'])
      expect(parseSubscription({ ...ada, weekday })).toMatchObject({ value: { weekday: 6 } });
  });

  it('trims keywords and keeps each once', () => {
    const keywords = [' robots ', 'robots', '', '  ', 'Robots', 'größe'];
    expect(parseSubscription({ ...ada, keywords })).toMatchObject({
      value: { keywords: ['robots', 'Robots', 'größe'] },
    });
  });

  it('takes as much as the limits say, and no more', () => {
    const list = (length: number) => Array.from({ length }, (_, at) => `k${at}`);
    expect(parseSubscription({ ...ada, keywords: list(100) }).ok).toBe(true);
    expect(parseSubscription({ ...ada, keywords: list(101) }).ok).toBe(false);
    expect(parseSubscription({ ...ada, keywords: ['a'.repeat(120)] }).ok).toBe(true);
    expect(parseSubscription({ ...ada, keywords: ['a'.repeat(121)] }).ok).toBe(false);
  });

  it('ignores what it does not know', () => {
    const parsed = parseSubscription({ ...ada, status: 'active', id: 1, paperCount: 99 });
    expect(parsed).toMatchObject({ ok: true });
    expect(Object.keys(parsed.ok ? parsed.value : {})).not.toContain('status');
  });

  it('that is wrong in several fields has one fault for each, in their order, and one sentence for all', () => {
    const parsed = parseSubscription({
      timezone: 'Mars\n',
      hour: 24,
      keywords: [1, 2],
      topics: 'x',
      email: 'ada\n',
    });
    if (parsed.ok) throw new Error('this input is bad');
    expect(parsed.faults.map(({ field }) => field)).toEqual([
      'email',
      'topics',
      'keywords',
      'hour',
      'timezone',
    ]);
    expect(inputError(parsed.faults)).toMatchObject({
      code: 'INPUT_INVALID',
      field: 'email',
      message: expect.stringMatching(
        /^email .+; topics .+; hour must be a whole number from 0 to 23; timezone .+\.$/,
      ),
    });
  });
});

describe('the papers someone likes', () => {
  const liked = (entries: unknown) => parseSubscription({ ...ada, liked: entries });

  it('are taken by id, DOI and link, each once', () => {
    const entries = ['2401.00001', ' https://arxiv.org/abs/2401.00001v2 ', 'doi:10.1145/1.2', ''];
    expect(liked(entries)).toMatchObject({ value: { liked: ['arxiv:2401.00001', 'doi:10.1145/1.2'] } });
  });

  it('that are none, too many or no list are a fault of the field', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `2401.${10_000 + at}`);
    expect(liked(ids(100)).ok).toBe(true);
    for (const [entries, message] of [
      [ids(101), 'must be at most 100'],
      [['2401.00001', 'my thesis'], 'must be arXiv ids, DOIs or links to papers, unlike "my thesis"'],
      [['x'.repeat(501)], 'must have at most 500 characters'],
      ['2401.00001', 'is missing or of the wrong kind'],
      [[17], 'is missing or of the wrong kind'],
    ] as const) {
      const parsed = liked(entries);
      expect(parsed.ok ? [] : parsed.faults).toMatchObject([{ field: 'liked', message }]);
    }
  });
});

describe('preferences', () => {
  it('without days mean every day, with days each once and in order', () => {
    expect(parsePreferences({ weekdays: [] })).toMatchObject({ value: { weekdays: [0, 1, 2, 3, 4, 5, 6] } });
    expect(parsePreferences({ weekdays: ['5', '1', '5', '0'] })).toMatchObject({
      value: { weekdays: [0, 1, 5] },
    });
  });

  it.each([
    [3, true],
    [20, true],
    [2, false],
    [21, false],
  ])('with %i papers are good: %s', (paperCount, ok) => {
    expect(parsePreferences({ paperCount }).ok).toBe(ok);
  });
});

describe('the days of a schedule', () => {
  const days = { weekday: 4, weekdays: [1, 2] };
  it('are the one of a weekly digest, the chosen ones of a daily digest', () => {
    expect(scheduledWeekdays({ ...days, frequency: 'weekly' })).toEqual([4]);
    expect(scheduledWeekdays({ ...days, frequency: 'daily' })).toEqual([1, 2]);
  });
});
