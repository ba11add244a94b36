/** One of each mail, made the way readers get them: stored papers, a composed page, delivery, and a real SMTP server that keeps the octets. */
import { generateKeyPairSync } from 'node:crypto';
import { type ParsedMail, simpleParser } from 'mailparser';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { storePapers } from '../support/papers.ts';
import { createTestSite, type TestSite } from '../support/site.ts';
import { chineseWords, hugeTitle, longPapers, ordinaryPapers, subjectTitle, type Words } from './papers.ts';

export const mailNames = [
  'confirm',
  'first digest',
  'digest of 10',
  'digest of 20',
  'weekly digest',
  'digest in Chinese',
  'already subscribed',
  'new address',
  'confirm in German',
  'digest in German',
] as const;
export type MailName = (typeof mailNames)[number];

export interface RealMail {
  raw: Buffer;
  parsed: ParsedMail;
  html: string;
  text: string;
  /** The envelope. */
  from: string;
  to: string;
  /** What a digest holds, best first. */
  papers: { title: string; arxivId: string }[];
}

export interface RealMails {
  site: TestSite;
  mails: Record<MailName, RealMail>;
  /** The record that belongs at `k1._domainkey.papers.example.org`. */
  dkimRecord: string;
}

const ADA = 'ada.byron@example.net';

export async function writeRealMails(): Promise<RealMails> {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const site = await createTestSite({
    env: {
      MAIL_FROM: 'Paperboy <digest@papers.example.org>',
      MAIL_POSTAL_ADDRESS: '1 Paper Street, 12345 Springfield',
      DKIM_PRIVATE_KEY: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      DKIM_SELECTOR: 'k1',
    },
  });
  const { ctx, sql, clock } = site;

  /** Sends all that waits; that must be one mail. */
  async function sendOne(): Promise<RealMail> {
    site.sink.mails.length = 0;
    const waiting =
      await sql`select id::int, digest_id::int as digest from deliveries where status = 'pending'`;
    await deliver(
      ctx,
      waiting.map(({ id }) => Number(id)),
    );
    const [mail, ...others] = site.sink.mails;
    if (!mail || others.length > 0) throw new Error(`one mail was due, ${site.sink.mails.length} came`);
    const papers = await sql<RealMail['papers']>`
      select title, arxiv_id as "arxivId" from digest_papers join papers on papers.id = paper_id
      where digest_id = ${waiting[0]?.digest ?? null} order by position`;
    const parsed = await simpleParser(mail.raw);
    return { ...mail, parsed, html: String(parsed.html), text: parsed.text ?? '', papers: [...papers] };
  }

  /** `words` replace those of the best papers, past what cleans them when they are read. */
  async function sendDigest(reader: number, words: readonly Words[] = []): Promise<RealMail> {
    await composePage(ctx, clock.now(), [reader]);
    for (const [at, facts] of words.entries()) {
      await sql`update papers set ${sql({ ...facts })} where id = (select paper_id from digest_papers
        where digest_id = (select max(id) from digests) order by position offset ${at} limit 1)`;
    }
    return sendOne();
  }

  async function addReaderOf20(email: string, wishes: Record<string, unknown>): Promise<number> {
    const id = await site.addReader(email, wishes);
    await sql`update subscribers set paper_count = 20, pickiness = 'low' where id = ${id}`;
    return id;
  }

  await storePapers(ctx, ordinaryPapers('2611.01', clock.now()), clock.now());
  const wish = { email: ADA, topics: ['cs-ro', 'cs-cl'], keywords: 'grasping, naïve baselines' };
  await site.postForm('/subscribe', wish);
  const [{ id: ada = 0 } = {}] = await sql<{ id: number }[]>`select id::int from subscribers`;
  const confirm = await sendOne();
  await site.postForm(site.path('confirm', ada), {});
  const first = await sendDigest(ada);

  clock.advance(24 * 3600_000);
  await storePapers(ctx, ordinaryPapers('2611.02', clock.now()), clock.now());
  const ten = await sendDigest(ada);
  await site.postForm('/subscribe', wish);
  const already = await sendOne();
  await site.postForm(`${site.path('preferences', ada)}/address`, { email: 'ada@example.com' });
  const address = await sendOne();

  clock.advance(24 * 3600_000);
  await storePapers(ctx, longPapers('2611.03', clock.now()), clock.now());
  const grace = await addReaderOf20('grace@example.net', { topics: ['cs-sd'], keywords: ['echo'] });
  const twenty = await sendDigest(grace, [{ title: subjectTitle }, { title: hugeTitle }]);
  // What she has no room for is named at the end.
  const mary = await addReaderOf20('mary@example.net', { topics: ['cs-sd', 'cs-ro'], frequency: 'weekly' });
  const weekly = await sendDigest(mary);

  clock.advance(7 * 24 * 3600_000);
  for (const prefix of ['2611.04', '2611.05']) {
    await storePapers(ctx, ordinaryPapers(prefix, clock.now()), clock.now());
  }
  const lin = await addReaderOf20('lin@example.net', { topics: ['cs-ro'], keywords: ['grasping'] });
  const chinese = await sendDigest(lin, chineseWords);

  clock.advance(24 * 3600_000);
  await storePapers(ctx, ordinaryPapers('2611.06', clock.now()), clock.now());
  await site.postForm('/subscribe', { ...wish, email: 'marie@example.net', language: 'de' });
  const confirmGerman = await sendOne();
  const [{ id: marie = 0 } = {}] = await sql<{ id: number }[]>`
    select id::int from subscribers where email = 'marie@example.net'`;
  await site.postForm(site.path('confirm', marie), {});
  const german = await sendDigest(marie);

  const key = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    site,
    mails: {
      confirm,
      'first digest': first,
      'digest of 10': ten,
      'digest of 20': twenty,
      'weekly digest': weekly,
      'digest in Chinese': chinese,
      'already subscribed': already,
      'new address': address,
      'confirm in German': confirmGerman,
      'digest in German': german,
    },
    dkimRecord: `v=DKIM1; k=rsa; p=${key}`,
  };
}
