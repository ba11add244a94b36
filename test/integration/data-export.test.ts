/** All data of a reader as a file: everything we hold about them, in words, and nothing of anyone else. */
import { describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import type { ExportedData } from '../../src/subscribers/export-data.ts';
import { ADA, useAccount } from '../support/account.ts';
import type { TestSite } from '../support/site.ts';

let site: TestSite;
let id: number;
let preferences: string;
const { get, post, exported, live } = useAccount((account) => {
  ({ site, id, preferences } = account);
});

describe('the file of all data', () => {
  it('holds everything about the reader, in words and dates that anyone can read', async () => {
    await live();
    await post(preferences, {
      topics: 'cs-ro',
      keywords: 'grasping, touch',
      excludedWords: 'survey',
      authors: 'Ada Feel',
      frequency: 'weekly',
      weekday: '2',
      hour: '7',
      timezone: 'Europe/Berlin',
      paperCount: '5',
      pickiness: 'high',
    });
    await post(`${preferences}/address`, { email: 'ada@new.example.net' });
    await site.sql`
      update digests set also_trending = (
        select json_build_array(json_build_object('paperId', id, 'reason', '{}'::json)) from papers where title like 'Folding%')`;
    const answer = await post(`${preferences}/export`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="paperboy-export.json"',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    });
    const at = '2026-11-24T09:30:00.000Z';
    const later = '2026-11-24T09:30:01.000Z';
    expect(answer.json<ExportedData>()).toEqual({
      format: 'paperboy-export',
      version: 1,
      exportedAt: later,
      reader: {
        address: ADA,
        status: 'active',
        suppressed: false,
        subscribedAt: at,
        confirmedAt: at,
        unsubscribedAt: null,
        leaveReason: null,
        pausedUntil: null,
        lastDigestAt: at,
        nextDigestAt: '2026-12-01T06:00:00.000Z',
        eraseAt: null,
        movedAt: null,
        newAddress: { address: 'ada@new.example.net', askedAt: later },
        newAddressesAskedAt: [later],
      },
      choices: {
        topics: ['cs-ro'],
        keywords: ['grasping', 'touch'],
        excludedWords: ['survey'],
        authors: ['Ada Feel'],
        frequency: 'weekly',
        weekdays: [2],
        hour: 7,
        timezone: 'Europe/Berlin',
        language: 'en',
        papersPerDigest: 5,
        pickiness: 'high',
      },
      consents: [
        { action: 'requested', via: 'cli', at },
        { action: 'confirmed', via: 'cli', at },
        { action: 'changed', via: 'link', at: later },
      ],
      feedback: [
        { verdict: 'liked', at, title: expect.any(String), arxivId: expect.anything(), doi: null, url: null },
        { verdict: 'disliked', at: later, title: expect.any(String), arxivId: null, doi: null, url: null },
      ],
      mails: [
        {
          kind: 'digest',
          edition: 'first',
          status: 'sent',
          createdAt: at,
          finishedAt: at,
          bounces: [{ kind: 'soft', status: '5.2.2', reason: 'mailboxfull', at: later }],
        },
      ],
      digests: [
        {
          edition: 'first',
          composedAt: at,
          filled: false,
          papers: [
            {
              title: 'Tactile skins for <dexterous> robot hands',
              arxivId: '2611.00001',
              doi: null,
              url: null,
              score: expect.any(Number),
              reasons: ['in cs.RO (Robotics)', '12 upvotes in 6 hours'],
            },
            expect.objectContaining({ title: 'Walking gaits for legged robots on sand' }),
            expect.objectContaining({ title: 'Mapping caves with flying robots' }),
          ],
          alsoTrending: [expect.objectContaining({ title: 'Folding proteins with small models' })],
        },
      ],
    });
  });

  it('holds years of digests, each once and in their order, and nobody else’s', async () => {
    const other = await site.addReader('bob@example.org', { topics: ['cs-ro'] });
    await composePage(site.ctx, site.clock.now(), [other]);
    await site.sql`insert into papers (title, ranks, first_seen_at, updated_at)
      select 'Paper ' || n, '{}', now(), now() from generate_series(1, 250) n`;
    await site.sql`with d as (
        insert into digests (subscriber_id, edition, composed_at)
        select ${id}, 'day ' || n, '2020-01-01'::timestamptz + n * interval '1 day' from generate_series(1, 250) n
        returning id, edition
      ) insert into digest_papers (digest_id, subscriber_id, position, paper_id, score, reasons)
      select d.id, ${id}, 1, p.id, 1, '[]' from d join papers p on p.title = replace(d.edition, 'day', 'Paper')`;
    const { digests, mails } = await exported();
    expect(digests.map(({ edition }) => edition)).toEqual(
      Array.from({ length: 250 }, (_, n) => `day ${n + 1}`),
    );
    expect(digests.map(({ papers }) => papers[0]?.title).at(-1)).toBe('Paper 250');
    expect(mails).toEqual([]);
    await site.sql`delete from subscribers`;
    await site.sql`delete from papers where title like 'Paper %'`;
  });

  it('is there for someone who left, was suppressed, or has no digest yet', async () => {
    await post(site.path('unsubscribe', id));
    await site.suppress(ADA);
    expect(await exported()).toMatchObject({
      reader: { status: 'unsubscribed', suppressed: true, unsubscribedAt: '2026-11-24T09:30:00.000Z' },
      digests: [],
    });
  });

  it('changes nothing, and nothing is there for who only looks', async () => {
    const before = await site.dump();
    await exported();
    expect((await get(`${preferences}/export`)).statusCode).toBe(404);
    expect(await site.dump()).toEqual(before);
  });
});
