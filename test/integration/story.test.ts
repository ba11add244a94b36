/** A reader's story, from the form to the second mail: what they say of papers moves the next edition, and it says so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { giveFeedback } from '../../src/subscribers/feedback.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const FIRST_DAY = '2026-11-24T09:30:00Z';
const SECOND_DAY = '2026-11-25T08:00:00Z';

/**
 * Two topics, each with one theme that people vote for and others that they don't: touch is a narrow part of robotics,
 * and rankings of language models are half of what is written on language here.
 */
const themes = {
  touch: {
    category: 'cs.RO',
    upvotes: 2,
    title: 'Tactile sensing for',
    abstract: 'A tactile skin on the fingertips senses slip and contact force, so that a gripper holds on to',
    things: [
      [
        'ripe fruit',
        'raw eggs',
        'wet soap',
        'thin glass',
        'soft bread',
        'loose cables',
        'small screws',
        'silk',
      ],
      ['grapes', 'paper cups', 'fish', 'light bulbs', 'dough', 'ropes', 'needles', 'wool'],
    ],
  },
  walking: {
    category: 'cs.RO',
    upvotes: 9,
    title: 'Legged locomotion on',
    abstract: 'A quadruped learns its gait in simulation, and its policy carries over to terrain such as',
    things: [
      ['dunes', 'stairs', 'ice', 'gravel', 'mud', 'snow'],
      ['beaches', 'ladders', 'frost', 'pebbles', 'swamps', 'slush'],
    ],
  },
  rankings: {
    category: 'cs.CL',
    upvotes: 9,
    title: 'A benchmark leaderboard of language models for',
    abstract:
      'We score many language models by multiple-choice questions and rank them on a public leaderboard for',
    things: [
      ['law', 'medicine', 'chess', 'cooking', 'tax', 'physics', 'trivia', 'sports', 'maps', 'poetry'],
      [
        'patents',
        'nursing',
        'bridge',
        'baking',
        'insurance',
        'optics',
        'films',
        'tennis',
        'streets',
        'novels',
      ],
    ],
  },
  speech: {
    category: 'cs.CL',
    upvotes: 2,
    title: 'Transcribing the dialect of',
    abstract: 'Recordings of elderly speakers are transcribed with few labels, phoneme by phoneme, in',
    things: [
      ['Zermatt', 'Galway', 'Cusco', 'Tromsø', 'Kyoto', 'Bergamo'],
      ['Davos', 'Cork', 'Puno', 'Bodø', 'Nara', 'Lecce'],
    ],
  },
};
type Theme = keyof typeof themes;

const papersOf = (day: 0 | 1) =>
  Object.values(themes).flatMap(({ category, upvotes, title, abstract, things }) =>
    (things[day] ?? []).map((thing) =>
      makePaper({
        title: `${title} ${thing}`,
        abstract: `${abstract} ${thing}.`,
        categories: [category],
        upvotes,
        listedAt: new Date(day === 0 ? '2026-11-24T00:00:00Z' : '2026-11-25T00:00:00Z'),
      }),
    ),
  );
const themeOf = (title: string) =>
  Object.entries(themes).find(([, theme]) => title.startsWith(theme.title))?.[0] as Theme | undefined;

interface Digest {
  ids: number[];
  titles: string[];
  /** The text of the mail. */
  text: string;
}

let site: TestSite;
let ada: number;
let twin: number;

beforeAll(async () => {
  site = await createTestSite();
  await storePapers(site.ctx, papersOf(0), new Date('2026-11-24T06:00:00Z'));
  ada = await join('ada@example.org');
  twin = await join('twin@example.org');
});
afterAll(() => site.close());

/** Subscribes by the form, confirms by the link in the mail. */
async function join(email: string): Promise<number> {
  await site.postForm('/subscribe', { email, topics: ['cs-ro', 'cs-cl'] });
  const { id, text } = await send(email);
  const link = /\/confirm\/[\w.-]+/.exec(text)?.[0] ?? '';
  expect((await site.postForm(link, {})).statusCode).toBe(200);
  return id;
}

/** Sends what waits for this reader, and returns it as it arrived. */
async function send(email: string): Promise<{ id: number; text: string }> {
  const waiting = await site.sql`select d.id::int, subscriber_id::int from deliveries d
    join subscribers s on s.id = subscriber_id where email_key = ${email} and d.status = 'pending'`;
  await deliver(
    site.ctx,
    waiting.map(({ id }) => Number(id)),
  );
  const text = (await site.sink.parsed()).at(-1)?.text ?? '';
  return { id: Number(waiting[0]?.subscriber_id), text };
}

/** Composes for those who are due now, and sends this reader's. */
async function readMail(id: number): Promise<Digest> {
  await composePage(site.ctx, site.clock.now(), [ada, twin]);
  const [row] = await site.sql`select email_key from subscribers where id = ${id}`;
  const { text } = await send(String(row?.email_key));
  const papers = await site.sql`select p.id::int, p.title from digest_papers dp
    join papers p on p.id = dp.paper_id
    where dp.digest_id = (select max(id) from digests where subscriber_id = ${id}) order by dp.position`;
  return { ids: papers.map((p) => Number(p.id)), titles: papers.map((p) => String(p.title)), text };
}

const count = ({ titles }: Digest, theme: Theme) => titles.filter((title) => themeOf(title) === theme).length;

async function say(purpose: 'more' | 'less', { ids, titles }: Digest, theme: Theme, times: number) {
  const judged = ids.filter((_, at) => themeOf(titles[at] ?? '') === theme).slice(0, times);
  expect(judged).toHaveLength(times);
  for (const paperId of judged) {
    const token = site.path(purpose, ada, { paperId }).split('/')[2] ?? '';
    expect((await giveFeedback(site.ctx, token, purpose)).result).toBe('valid');
  }
  return judged.map((id) => titles[ids.indexOf(id)] ?? '');
}

describe('a reader of two topics who likes two papers of a narrow theme and dislikes one of a broad one', () => {
  it('gets a next edition that follows, says so, and brings nothing again', async () => {
    site.clock.set(FIRST_DAY);
    const first = await readMail(ada);
    const firstOfTwin = await readMail(twin);
    expect(first.titles).toHaveLength(10);
    expect(firstOfTwin.titles).toEqual(first.titles);
    for (const title of first.titles) expect(first.text.replace(/\s+/g, ' ')).toContain(title);

    const liked = await say('more', first, 'touch', 2);
    await say('less', first, 'rankings', 1);

    // A day later there is as much news of each theme, and one of the papers that were sent is in the lists again.
    await storePapers(site.ctx, papersOf(1), new Date('2026-11-25T06:00:00Z'));
    const sent = first.titles.find((title) => themeOf(title) === 'walking') ?? '';
    const listedAt = new Date('2026-11-25T01:00:00Z');
    const again = makePaper({ source: 'hf', title: sent, categories: ['cs.RO'], upvotes: 90, listedAt });
    await storePapers(site.ctx, [again], listedAt);
    site.clock.set(SECOND_DAY);
    const second = await readMail(ada);
    const secondOfTwin = await readMail(twin);

    expect(second.titles).toHaveLength(10);
    expect(count(second, 'touch')).toBeGreaterThan(count(secondOfTwin, 'touch'));
    expect(count(second, 'touch')).toBeGreaterThan(count(first, 'touch'));
    expect(count(second, 'rankings')).toBeLessThan(count(secondOfTwin, 'rankings'));
    expect(count(second, 'rankings')).toBeLessThan(count(first, 'rankings'));
    expect(themeOf(second.titles[0] ?? '')).toBe('touch');

    const told = [...second.text.replace(/\s+/g, ' ').matchAll(/like “([^”]+)”, which you liked/g)];
    expect(told.length).toBeGreaterThan(0);
    for (const [, title = ''] of told) expect(liked).toContain(title);
    expect(secondOfTwin.text).not.toContain('which you liked');

    expect(second.ids.filter((id) => first.ids.includes(id))).toEqual([]);
    expect(secondOfTwin.ids.filter((id) => firstOfTwin.ids.includes(id))).toEqual([]);
  });
});
