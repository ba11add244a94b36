/** The words of pages and mails: rhythms, dates in the reader's zone, short forms that never break a character. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateAndTime,
  frequencySentence,
  listWords,
  longDate,
  shortAuthors,
  shortDate,
  shorten,
  shortFields,
  shortTitle,
  shortVenue,
} from '../../../src/mail/words.ts';
import { translatorFor } from '../../../src/messages.ts';

const t = translatorFor('en');

const late = new Date('2026-11-24T23:30:00Z');

it('a title is whole as papers have them, and cut where a source has mistaken something for one', () => {
  const title = 'Whole '.repeat(37).trim();
  expect(shortTitle(title)).toBe(title);
  expect(shortTitle('Word '.repeat(200))).toHaveLength(300);
});

describe('a rhythm', () => {
  const base = { hour: 8, timezone: 'Europe/Berlin' };
  it.each([
    ['daily', [0, 1, 2, 3, 4, 5, 6], 'every day at 08:00, Europe/Berlin'],
    ['daily', [0, 3, 1], 'every Monday, Wednesday and Sunday at 08:00, Europe/Berlin'],
    ['daily', [6, 0], 'every Saturday and Sunday at 08:00, Europe/Berlin'],
    ['weekly', [0], 'every Sunday at 08:00, Europe/Berlin'],
  ] as const)('is said with the week starting on Monday: %s on %j', (frequency, weekdays, sentence) => {
    expect(frequencySentence({ ...base, frequency, weekdays }, t)).toBe(sentence);
  });
  it('says midnight as 00:00', () => {
    expect(frequencySentence({ frequency: 'weekly', weekdays: [1], hour: 0, timezone: 'UTC' }, t)).toBe(
      'every Monday at 00:00, UTC',
    );
  });
});

describe('a date', () => {
  it('is the day it is where the reader is', () => {
    expect(longDate(late, 'UTC', t)).toBe('Tuesday, 24 November 2026');
    expect(longDate(late, 'Asia/Kathmandu', t)).toBe('Wednesday, 25 November 2026');
    expect(dateAndTime(late, 'America/St_Johns', t)).toBe(
      'Tuesday, 24 November 2026 at 20:00 (America/St_Johns)',
    );
    expect(dateAndTime(new Date('2026-11-24T00:00:00Z'), 'UTC', t)).toContain(' at 00:00 (UTC)');
  });
  it('of a paper is short', () => expect(shortDate(late, t)).toBe('24 Nov 2026'));
});

describe('a list', () => {
  it.each([
    [[], ''],
    [['A'], 'A'],
    [['A', 'B'], 'A and B'],
    [['A', 'B', 'C'], 'A, B and C'],
  ])('of %j', (words, sentence) => expect(listWords(words, t)).toBe(sentence));

  it.each([
    [[], ''],
    [['A', 'B', 'C'], 'A, B, C'],
    [['A', 'B', 'C', 'D', 'E'], 'A, B, C +2'],
  ])('of authors %j names three and counts the rest', (authors, words) =>
    expect(shortAuthors(authors)).toBe(words),
  );
});

describe('a text made shorter', () => {
  it.each([
    ['fits already', 'Short.', 10, 'Short.'],
    ['fits exactly', '0123456789', 10, '0123456789'],
    ['ends after a sentence where a good part is left', 'One is here. Two is not', 20, 'One is here.'],
    ['ends after a question', 'Is it so, then? Two is not', 20, 'Is it so, then?'],
    [
      'ends after a word where the sentence is too far back',
      'Yes. Robots learn to grasp cups',
      21,
      'Yes. Robots learn to…',
    ],
    ['ends in the middle of a word too long to leave out', `A ${'b'.repeat(50)}`, 11, 'A bbbbbbbb…'],
    ['ends anywhere where there are no spaces', '深度学习在机器人抓取中的应用研究', 8, '深度学习在机器…'],
    ['never ends with half a character', '🤖🤖🤖🤖🤖🤖', 6, '🤖🤖…'],
  ])('%s', (_name, text, max, short) => expect(shorten(text, max)).toBe(short));

  it('is never longer than asked, is a beginning of the text, and is whole characters', () => {
    const texts = fc.string({
      unit: fc.oneof(
        fc.constantFrom(' ', '. ', 'a', '🤖', '深', '! '),
        fc.string({ unit: 'grapheme', maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 5, max: 80 }), (text, max) => {
        const short = shorten(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(text.startsWith(short.replace(/…$/, ''))).toBe(true);
        expect(Buffer.from(short).toString()).toBe(short);
        if (text.length > max) expect(short.length).toBeGreaterThan(max / 3);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a paper is about and where it appeared', () => {
  it('is told by three categories, and by fields of study only where there are none', () => {
    const fieldsOfStudy = ['Computer Science', 'Medicine', 'Law', 'Art'];
    expect(shortFields({ categories: ['cs.CL', 'cs.LG', 'cs.AI', 'cs.CV'], fieldsOfStudy })).toEqual([
      'cs.CL',
      'cs.LG',
      'cs.AI',
    ]);
    expect(shortFields({ categories: [], fieldsOfStudy })).toEqual(['Computer Science', 'Medicine', 'Law']);
  });

  it('is left out where no venue is known, and cut where its name is a title of its own', () => {
    expect(shortVenue(null)).toBe('');
    expect(shortVenue('ICLR 2026')).toBe('ICLR 2026');
    expect(shortVenue('Proceedings of '.repeat(20)).length).toBeLessThanOrEqual(80);
  });
});
