/** Who gets a digest, what is in it, and that nobody gets it twice. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composePage, planPage } from '../../src/digests/compose.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { addReaders } from '../support/readers.ts';

const clock = createClock('2026-11-24T06:00:00Z');
const EIGHT = new Date('2026-11-24T08:00:00Z');
const NEXT_DAY = new Date('2026-11-25T08:00:00Z');

let test: TestContext;

beforeEach(async () => {
  clock.set('2026-11-24T06:00:00Z');
  test = await createTestContext({ now: clock.now });
  await storePapers(
    test.ctx,
    [
      makePaper({ title: 'Diffusion language models that plan ahead', categories: ['cs.CL'], upvotes: 12 }),
      makePaper({
        title: 'Faster sampling for diffusion language models',
        categories: ['cs.CL'],
        upvotes: 3,
      }),
      makePaper({ title: 'Diffusion language models speak many tongues', categories: ['cs.CL'] }),
      makePaper({ title: 'Grasping soft fruit with one finger', categories: ['cs.RO'], upvotes: 70 }),
    ],
    new Date('2026-11-24T05:00:00Z'),
  );
});

afterEach(() => test.close());

const titlesOf = (email: string) =>
  test.sql`
    select p.title from digests d join digest_papers dp on dp.digest_id = d.id join papers p on p.id = dp.paper_id
      join subscribers s on s.id = d.subscriber_id
    where s.email = ${email} order by d.id, dp.position`.then((rows) =>
    rows.map(({ title }) => title as string),
  );

async function allIds(): Promise<number[]> {
  return (await test.sql`select id::int from subscribers order by id`).map(({ id }) => id as number);
}

describe('composing', () => {
  it('writes a digest of matching papers with true reasons for those who are due, and for no one else', async () => {
    await addReaders(test.ctx, [
      { email: 'due@example.org', topics: ['diffusion-language-models'], hour: 8 },
      { email: 'later@example.org', topics: ['diffusion-language-models'], hour: 9 },
      {
        email: 'berlin@example.org',
        topics: ['diffusion-language-models'],
        hour: 9,
        timezone: 'Europe/Berlin',
      },
    ]);
    const composed = await composePage(test.ctx, EIGHT, await allIds());
    expect(composed).toMatchObject({ due: 2, digests: 2 });
    expect(await titlesOf('due@example.org')).toEqual(
      expect.arrayContaining(['Diffusion language models that plan ahead']),
    );
    expect(await titlesOf('due@example.org')).not.toContain('Grasping soft fruit with one finger');
    expect(await titlesOf('later@example.org')).toEqual([]);
    expect(await titlesOf('berlin@example.org')).toHaveLength(3);
    expect(await test.sql`select distinct reasons->0->>'kind' as kind from digest_papers`).toEqual([
      { kind: 'topic' },
    ]);
  });

  it('writes one digest when the same page is composed twice and at once', async () => {
    await addReaders(test.ctx, [{ email: 'a@example.org', topics: ['diffusion-language-models'], hour: 8 }]);
    const ids = await allIds();
    const runs = await Promise.all([1, 2, 3].map(() => composePage(test.ctx, EIGHT, ids)));
    expect(runs.reduce((sum, { digests }) => sum + digests, 0)).toBe(1);
    expect(await composePage(test.ctx, EIGHT, ids)).toMatchObject({ due: 0, digests: 0 });
    expect(await test.sql`select next_due_at from subscribers`).toEqual([{ next_due_at: NEXT_DAY }]);
  });

  it('never sends a paper again, and stays quiet on a day without news', async () => {
    await addReaders(test.ctx, [{ email: 'a@example.org', topics: ['diffusion-language-models'], hour: 8 }]);
    const ids = await allIds();
    await composePage(test.ctx, EIGHT, ids);
    expect(await composePage(test.ctx, NEXT_DAY, ids)).toMatchObject({ due: 1, digests: 0 });
    await storePapers(
      test.ctx,
      [
        makePaper({ title: 'Diffusion language models that plan ahead', categories: ['cs.CL'], upvotes: 40 }),
        makePaper({ title: 'Diffusion language models, revisited' }),
      ],
      new Date('2026-11-25T10:00:00Z'),
    );
    clock.set('2026-11-26T08:00:00Z');
    expect(await composePage(test.ctx, clock.now(), ids)).toMatchObject({ due: 1, digests: 1 });
    const titles = await titlesOf('a@example.org');
    expect(titles.at(-1)).toBe('Diffusion language models, revisited');
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('brings what is trending to someone whose keywords only leave something out', async () => {
    await addReaders(test.ctx, [{ email: 'a@example.org', topics: [], keywords: ['-grasping'], hour: 8 }]);
    await test.sql`update subscribers set last_digest_at = '2020-01-01'`;
    await composePage(test.ctx, EIGHT, await allIds());
    const titles = await titlesOf('a@example.org');
    expect(titles).not.toEqual([]);
    expect(titles.join()).not.toMatch(/grasping/i);
  });

  it('fills a first digest with what is trending, and says so, when too little matches', async () => {
    await addReaders(test.ctx, [{ email: 'a@example.org', topics: ['quantum-error-correction'], hour: 8 }]);
    await composePage(test.ctx, EIGHT, await allIds());
    const titles = await titlesOf('a@example.org');
    expect(titles[0]).toBe('Grasping soft fruit with one finger');
    expect(await test.sql`select filled from digests`).toEqual([{ filled: true }]);
    expect(
      await test.sql`select distinct jsonb_path_query(reasons, '$[*].kind') #>> '{}' as kind from digest_papers`,
    ).toEqual([{ kind: 'trending' }]);
  });

  it('leaves paused and unsubscribed readers alone, and takes a plan for what it is', async () => {
    await addReaders(test.ctx, [
      { email: 'a@example.org', topics: ['diffusion-language-models'], hour: 8 },
      { email: 'b@example.org', topics: ['diffusion-language-models'], hour: 8 },
      { email: 'c@example.org', topics: ['diffusion-language-models'], hour: 8 },
    ]);
    await test.sql`update subscribers set paused_until = '2026-12-01' where email = 'a@example.org'`;
    await test.sql`update subscribers set status = 'unsubscribed' where email = 'b@example.org'`;
    const ids = await allIds();
    expect(await planPage(test.ctx, EIGHT, ids)).toEqual({ due: 1, digests: 1 });
    expect(await test.sql`select 1 from digests`).toHaveLength(0);
    expect(await composePage(test.ctx, EIGHT, ids)).toMatchObject({ due: 1, digests: 1 });
  });

  it('obeys excluded words', async () => {
    await addReaders(test.ctx, [{ email: 'a@example.org', topics: ['diffusion-language-models'], hour: 8 }]);
    await test.sql`update profiles set excluded = '{tongues}'`;
    await composePage(test.ctx, EIGHT, await allIds());
    expect(await titlesOf('a@example.org')).not.toContain('Diffusion language models speak many tongues');
  });
});
