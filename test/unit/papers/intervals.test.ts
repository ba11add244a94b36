/** How often sources are read, as an operator may write it, and what they hear of a slip. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { describeInterval } from '../../../src/papers/intervals.ts';
import { listLiveSources } from '../../../src/papers/sources.ts';
import { projectRoot } from '../../../src/project-root.ts';

const MINUTE = 60_000;
const every = (env: Record<string, string>) =>
  Object.fromEntries(listLiveSources(loadConfig(env)).map(({ name, everyMs }) => [name, everyMs / MINUTE]));

describe('SOURCE_EVERY', () => {
  it('sets what it names, in minutes, hours or days, and leaves the others as they are', () => {
    const env = { SOURCES: 'hf,arxiv,arxiv-oai', FEEDS: 'a=https://a.example/f,b=https://b.example/f' };
    expect(every(env)).toEqual({ hf: 30, arxiv: 360, 'arxiv-oai': 1440, 'feed-a': 60, 'feed-b': 60 });
    expect(every({ ...env, SOURCE_EVERY: 'hf=5m, arxiv-oai = 7d,feed=2h' })).toEqual({
      hf: 5,
      arxiv: 360,
      'arxiv-oai': 7 * 1440,
      'feed-a': 120,
      'feed-b': 120,
    });
  });

  it.each([
    ['hf', 'SOURCE_EVERY has "hf", which must look like hf=30m'],
    ['hf=', 'has "hf="'],
    ['arxiv=6h,hf=soon', 'has "hf=soon"'],
    ['hf=1.5h', 'has "hf=1.5h"'],
    ['hf=30', 'has "hf=30"'],
    ['hf=-30m', 'has "hf=-30m"'],
    ['huggingface=30m', 'names "huggingface", but there are: hf, arxiv,'],
    ['constructor=30m', 'names "constructor", but'],
    ['hf=30m,hf=1h', 'names "hf" twice'],
    ['hf=4m', 'has "hf=4m", which must be from 5m to 7d'],
    ['hf=0m', 'has "hf=0m"'],
    ['arxiv-oai=8d', 'has "arxiv-oai=8d"'],
    ['hf=99999d', 'has "hf=99999d"'],
  ])('refuses %s and says which part is at fault', (value, sentence) => {
    expect(() => loadConfig({ SOURCE_EVERY: value })).toThrow(sentence);
  });

  it('has the intervals that .env.example shows', () => {
    const [, shown = ''] =
      /^# SOURCE_EVERY=(.*)$/m.exec(readFileSync(join(projectRoot, '.env.example'), 'utf8')) ?? [];
    const defaults = loadConfig({}).sources.everyMs;
    expect(loadConfig({ SOURCE_EVERY: shown }).sources.everyMs).toEqual(defaults);
    expect(shown.split(',')).toHaveLength(Object.keys(defaults).length);
  });

  it('reads a source once that SOURCES names twice, and refuses two feeds of one name', () => {
    expect(every({ SOURCES: 'hf,arxiv,hf' })).toEqual({ hf: 30, arxiv: 360 });
    expect(() => loadConfig({ FEEDS: 'a=https://a.example/f,a=https://b.example/f' })).toThrow(
      'FEEDS must have another name for each feed',
    );
  });
});

it.each([
  [5, '5 minutes'],
  [60, '1 hour'],
  [90, '90 minutes'],
  [1440, '24 hours'],
])('tells %i minutes as %s', (minutes, words) => {
  expect(describeInterval(minutes * MINUTE)).toBe(words);
});
