/** What the operator's commands say to a mistake, and of themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandOn } from '../support/command.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

const paperboy = (...args: string[]) => runCommandOn(test, ...args);

describe('the commands', () => {
  it.each<[string[], RegExp]>([
    [['subscribe', 'nobody'], /^email is not a mail address we can send to\.\n$/],
    [['subscribe', 'a@example.org', '--topics', 'nope'], /^topics holds no topic of ours: nope\.\n$/],
    [['subscribe', 'a@example.org', '--liked', 'nope'], /^liked must be arXiv ids, .*, unlike "nope"\.\n$/],
    [
      ['subscribe', 'a@example.org', '--liked-bib', '/no/such.bib'],
      /^There is no file \/no\/such\.bib .*\n$/,
    ],
    [['import', '/no/such/file.csv'], /^There is no file \/no\/such\/file\.csv that can be read\.\n$/],
    [['digest', '--at', 'tomorrow'], /^--at must be a time such as .*\n$/],
    [['preview', 'stranger@example.org'], /^stranger@example\.org is not a subscriber\.\n$/],
    [['preview'], /^preview takes either the address of a subscriber or a profile \(--topics, .*\n$/],
    [['preview', 'grace@example.org', '--topics', 'cs-cl'], /^preview takes either .* one of the two\.\n$/],
    [['preview', '--topics', 'nope'], /^topics holds no topic of ours: nope\.\n$/],
    [['preview', '--liked-bib', '/no/such.bib'], /^There is no file \/no\/such\.bib .*\n$/],
    [['ingest', '--source', 'twitter'], /twitter/],
    [['ingest', '--from', 'monday'], /^--from must be a day such as .*\n$/],
    [['nonsense'], /unknown command/],
  ])('answers a mistake with a sentence and a non-zero exit: %s', async (args, sentence) => {
    const { code, output } = await paperboy(...args);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    expect(code).not.toBe(0);
  });

  it.each([
    '',
    'migrate',
    'seed',
    'ingest',
    'sources',
    'subscribe',
    'import',
    'digest',
    'preview',
    'dkim',
    'doctor',
  ])('have help: %s', async (command) => {
    const { code, output } = await paperboy(...(command ? [command] : []), '--help');
    expect(output).toMatch(/^Usage: paperboy/);
    expect(code).toBe(0);
  });
});
