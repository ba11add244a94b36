/**
 * Bad forms with good links, by the thousand: of a browser that is broken, or someone who came by a reader's links. No
 * answer is a fault of ours or echoes an attack, and what is stored is what it was or what a good form would have stored.
 */
import { domainToASCII } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { previewDigest } from '../../src/digests/preview.ts';
import { addressVersion } from '../../src/mail/links.ts';
import { faultsOfAnswer } from '../support/hostile-answers.ts';
import { type BadForm, badForms, HOSTILE_ADDRESSES, READER_FORMS } from '../support/hostile-forms.ts';
import { listRoutes, type Route } from '../support/list-routes.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { faultsOfState, type ReaderState, readState } from '../support/reader-state.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const NEW_EMAIL = 'moving@new.example.net';

let site: TestSite;
let routes: Route[];
let people: Record<'reader' | 'gone' | 'pending' | 'erasing' | 'moving', number>;
/** One that all dislike, and one that nobody said anything of. */
let judged: number;
let other: number;
let columns: string;
let sent = 0;

beforeAll(async () => {
  const { built, routes: found } = await listRoutes(() => createTestSite());
  [site, routes] = [built, found];
  const papers = [1, 2].map((at) =>
    makePaper({ title: `Robot hands ${at}`, categories: ['cs.RO'], arxivId: `2611.1000${at}` }),
  );
  await storePapers(site.ctx, papers, site.clock.now());
  const add = (name: string) => site.addReader(`${name}@example.org`, { topics: ['cs-ro'], hour: 9 });
  people = {
    reader: await add('reader'),
    gone: await add('gone'),
    erasing: await add('erasing'),
    moving: await add('moving'),
    pending: await site.addPending('pending@example.org'),
  };
  const { reader, gone, erasing, moving } = people;
  await composePage(site.ctx, site.clock.now(), [reader, gone, erasing, moving]);
  await site.sql`update deliveries set status = 'sent', finished_at = ${site.clock.now()}`;
  const ids = await site.sql`select id::int from papers order by id`;
  [judged = 0, other = 0] = ids.map(({ id }) => Number(id));
  await site.sql`insert into feedback select id, ${judged}, 'disliked', ${site.clock.now()} from subscribers`;
  await site.postForm(site.path('unsubscribe', gone), {});
  await site.postForm(`${site.path('preferences', erasing)}/erase`, {});
  await site.postForm(`${site.path('preferences', moving)}/address`, { email: NEW_EMAIL });
  const names = await site.sql`select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = 'subscribers' and column_name <> 'id'`;
  columns = names.map(({ name }) => name).join(', ');
  await site.sql`create schema kept`;
  for (const table of ['subscribers', 'profiles', 'profile_topics', 'feedback', 'consents', 'deliveries'])
    await site.sql.unsafe(`create table kept.${table} as table public.${table}`);
});
afterAll(() => site.close());

/** Makes of this person what they were, so that the next form finds something to change. */
async function restore(id: number): Promise<void> {
  const anew = ['profiles', 'profile_topics', 'feedback'].map(
    (table) => `delete from ${table} where subscriber_id = ${id};
      insert into ${table} select * from kept.${table} where subscriber_id = ${id};`,
  );
  const without = ['consents', 'deliveries'].map(
    (table) =>
      `delete from ${table} where subscriber_id = ${id} and id not in (select id from kept.${table});`,
  );
  await site.sql.unsafe(`update subscribers s set (${columns}) = (select ${columns} from kept.subscribers k
    where k.id = s.id) where id = ${id}; ${anew.join('')} ${without.join('')}`);
}

/** Whose link it takes for the form to do something. */
function personFor(pattern: string): number {
  if (pattern === '/confirm/:token') return people.pending;
  if (pattern.endsWith('/erase/undo')) return people.erasing;
  if (pattern.startsWith('/address/') || pattern.endsWith('/cancel')) return people.moving;
  return /^\/unsubscribe\/:token\/./.test(pattern) ? people.gone : people.reader;
}

function tokenFor(pattern: string, id: number): string {
  const purpose = pattern.split('/')[1] as 'preferences';
  const version = addressVersion({ tokenVersion: 1, newEmail: NEW_EMAIL, newEmailAt: site.clock.now() });
  const paperId = pattern === '/less/:token' ? other : judged;
  const about = pattern.startsWith('/address/')
    ? { version }
    : /^\/(more|less)/.test(pattern)
      ? { paperId }
      : {};
  return site.path(purpose, id, about).split('/')[2] ?? '';
}

/** What went wrong, in words, and whether the form changed anything, which then is as it was `before`. */
async function post(
  { pattern, request }: BadForm,
  id: number,
  before: ReaderState,
): Promise<{ faults: string[]; changed: boolean }> {
  sent += 1;
  const answer = await site.app.inject({
    method: 'POST',
    url: pattern.replace(':token', tokenFor(pattern, id)),
    // From everywhere on this machine, so that no limit hides what is behind it.
    remoteAddress: `127.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`,
    ...request,
  });
  const after = await readState(site.sql, id);
  const changed = JSON.stringify(after) !== JSON.stringify(before);
  const faults = [
    ...faultsOfAnswer(answer),
    ...faultsOfState(before, after, { now: site.clock.now(), mayMove: pattern.startsWith('/address/') }),
  ];
  if (!changed) return { faults, changed };
  if (answer.statusCode >= 400) faults.push(`answers ${answer.statusCode} and changes something`);
  const page = await site.app.inject(
    site.path('preferences', id, { version: Number(after.subscriber.token_version) }),
  );
  faults.push(...faultsOfAnswer(page).map((fault) => `the preferences then: ${fault}`));
  if (page.statusCode !== 200) faults.push(`the preferences then answer ${page.statusCode}`);
  // Would throw at a zone, a word or a number that no digest can be made with. It takes longer than all else, so now and then.
  if (pattern === '/preferences/:token' && sent % 5 === 0) {
    await previewDigest(site.ctx, String(after.subscriber.email)).catch((error) =>
      faults.push(`no digest: ${error}`),
    );
  }
  await restore(id);
  return { faults, changed };
}

it('there is a form for each address that takes a link and a POST', () => {
  const posts = routes.filter(({ method, pattern }) => method === 'POST' && pattern.includes(':token'));
  expect(Object.keys(READER_FORMS).sort()).toEqual(posts.map(({ pattern }) => pattern).sort());
});

describe.each(Object.keys(READER_FORMS))('a bad form at %s', (pattern) => {
  it('harms nothing, and leaves the reader as some good form would', { timeout: 300_000 }, async () => {
    const id = personFor(pattern);
    const others = async () =>
      JSON.stringify(
        await site.sql`select to_jsonb(s) as row from subscribers s where id <> ${id} order by id`,
      );
    const bystanders = await others();
    const faults = new Map<string, string>();
    const before = await readState(site.sql, id);
    let changes = 0;
    for (const form of badForms(pattern)) {
      const { faults: found, changed } = await post(form, id, before);
      if (changed) changes += 1;
      for (const fault of found)
        if (!faults.has(fault)) faults.set(fault, `${fault}: ${JSON.stringify(form.request).slice(0, 300)}`);
    }
    expect([...faults.values()]).toEqual([]);
    expect(await others()).toBe(bystanders);
    // Else the link opened nothing, and all this said little.
    if (!/preview|export/.test(pattern)) expect(changes).toBeGreaterThan(0);
  });
});

it('a hostile address brings mail to itself at most, and no header or recipient of its making', async () => {
  const { reader: id } = people;
  const url = `${site.path('preferences', id)}/address`;
  const taken: string[] = [];
  for (const email of HOSTILE_ADDRESSES) {
    site.sink.mails.length = 0;
    await site.postForm(url, { email });
    const [row] = await site.sql`select new_email from subscribers where id = ${id}`;
    const waiting =
      await site.sql`select id::int from deliveries where status = 'pending' and subscriber_id = ${id}`;
    await deliver(
      site.ctx,
      waiting.map((each) => Number(each.id)),
    );
    const wished = row?.new_email ?? null;
    if (wished) taken.push(email);
    // The sink tells domains as people write them.
    const to = site.sink.mails.map((mail) =>
      mail.to.replace(/@(.*)/, (_, domain) => `@${domainToASCII(domain)}`),
    );
    expect([email, to]).toEqual([email, wished ? [wished] : []]);
    for (const { raw } of site.sink.mails) {
      const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
      expect([email, head.match(/^(to|cc|bcc)\s*:.*$/gim)]).toEqual([email, [`To: ${wished}`]]);
    }
    await restore(id);
  }
  expect(taken.length).toBeLessThan(HOSTILE_ADDRESSES.length / 3);
});

it('all this was thousands of forms', () => {
  expect(sent).toBeGreaterThan(1500);
});
