/** A reader of a site with papers who wishes to move to another address, and who gets which mail meanwhile. */
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { hashAddress } from '../../src/mail/address.ts';
import { fewPapers, storePapers } from './papers.ts';
import { createTestSite, type TestSite } from './site.ts';

export const OLD = 'ada@example.org';
export const NEW = 'Ada@new.example.net';
/** What the mail server may be told to refuse: the new address. */
export const REFUSED = /new\.example/;
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 3600_000;

export const hashOf = (address: string) => ({ email_hash: hashAddress(address.toLowerCase()) });

/** One site for all tests of a file; each begins at the same time, with the reader at the old address. */
export function useMovingReader() {
  let site: TestSite;
  /** Who wishes to move, and the path of their preference page. */
  const mover = { id: 0, preferences: '' };

  beforeAll(async () => {
    site = await createTestSite();
    await storePapers(site.ctx, fewPapers, site.clock.now());
  });
  beforeEach(async () => {
    site.clock.set('2026-11-24T09:30:00Z');
    site.sink.refuse(REFUSED, null);
    await site.sql`truncate subscribers, suppressions cascade`;
    mover.id = await site.addReader(OLD, { topics: ['cs-ro'] });
    mover.preferences = site.path('preferences', mover.id);
  });
  afterAll(() => site.close());

  const ask = (email = NEW) => site.postForm(`${mover.preferences}/address`, { email });

  /** Sends all that waits; who got a mail, in the order of arrival. */
  async function send(): Promise<string[]> {
    site.sink.mails.length = 0;
    const waiting = await site.sql`select id::int from deliveries where status = 'pending'`;
    await deliver(
      site.ctx,
      waiting.map((row) => Number(row.id)),
    );
    return site.sink.mails.map(({ to }) => to);
  }

  /** The link in the mail that was sent last. */
  async function linkInMail(): Promise<string> {
    const { text = '' } = await simpleParser(site.sink.mails.at(-1)?.raw ?? '');
    return /https:\/\/papers\.example\.org(\/address\/[\w.-]+)/.exec(text)?.[1] ?? 'no link';
  }

  return {
    get site() {
      return site;
    },
    mover,
    ask,
    get: (url: string) => site.app.inject({ url }),
    post: (url: string) => site.postForm(url, {}),
    reader: async () => (await site.sql`select * from subscribers where id = ${mover.id}`)[0] ?? {},
    deliveries: () =>
      site.sql`select subscriber_id::int, kind, status from deliveries order by id`.then((rows) => [...rows]),
    suppressed: () => site.sql`select email_hash from suppressions`.then((rows) => [...rows]),
    send,
    linkInMail,
    async askAndOpen(email = NEW): Promise<string> {
      await ask(email);
      await send();
      return linkInMail();
    },
    /** The envelope sender of the mail that was sent last: where a report on it goes. */
    returnTo: () => site.sink.mails.at(-1)?.from ?? '',
  };
}
