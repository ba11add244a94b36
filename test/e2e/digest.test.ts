/** The whole path over real connections: recorded answers over HTTP, workers, SMTP, and the pages behind the mail's links. */

import type { FastifyInstance } from 'fastify';
import type { ParsedMail } from 'mailparser';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { startWorkers } from '../../workers/workers.ts';
import { createClock } from '../support/clock.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { findDataDir, recordedAtomPage } from '../support/recordings.ts';
import { startUpstream, type Upstream } from '../support/upstream-server.ts';

const dataDir = findDataDir();
// A day that is recorded; on it, 26 papers were listed.
const clock = createClock('2025-06-13T12:00:00Z');

let upstream: Upstream;
let test: TestContext;
let app: FastifyInstance;
let site: string;
let workers: { close(): Promise<void> };

beforeAll(async () => {
  if (!dataDir) return;
  upstream = await startUpstream({ dataDir, fallbackAtom: recordedAtomPage(dataDir) });
  test = await createTestContext({
    now: clock.now,
    env: { HF_BASE_URL: upstream.url, ARXIV_BASE_URL: upstream.url },
  });
  app = await buildApp(test.ctx);
  site = await app.listen({ host: '127.0.0.1', port: 0 });
  workers = await startWorkers(test.ctx);
});

afterAll(async () => {
  await workers?.close();
  await app?.close();
  await test?.close();
  await upstream?.close();
});

it.skipIf(!dataDir)(
  `goes from recorded answers to a digest, a changed preference and a one-click goodbye${dataDir ? '' : ' (skipped: no data)'}`,
  async () => {
    const { sql, sink } = test;
    // The schedule's first round comes at once.
    await vi.waitFor(
      async () =>
        expect(await sql`select 1 from paper_sources where source in ('hf', 'arxiv')`).toHaveLength(36),
      { timeout: 30_000 },
    );

    const taken = await postForm('/subscribe', {
      email: 'Grace@Example.org',
      topics: ['ai-agents'],
      keywords: 'reinforcement learning, video generation',
      frequency: 'daily',
      hour: '8',
      timezone: 'Europe/Berlin',
    });
    expect(taken.status).toBe(303);
    expect(taken.headers.get('location')).toBe('/subscribed');

    const confirmation = await nthMail(1);
    expect(confirmation.subject).toBe('Confirm your subscription to Paperboy');
    const confirmPath = linkIn(confirmation, 'confirm');
    expect((await fetch(site + confirmPath)).status).toBe(200);
    expect(await sql`select status from subscribers`).toEqual([{ status: 'pending' }]);
    expect((await postForm(confirmPath, {})).status).toBe(200);

    const digest = await nthMail(2);
    const sent =
      await sql`select p.title from digest_papers d join papers p on p.id = d.paper_id order by position`;
    expect(sent.length).toBeGreaterThanOrEqual(3);
    for (const { title } of sent) expect(flat(digest.text)).toContain(flat(title));
    expect(digest.text?.match(/^ {4}Why: /gm)).toHaveLength(sent.length);
    expect(digest.text).toMatch(/Why: matches reinforcement learning/);
    const webCopy = await (await fetch(site + linkIn(digest, 'digests'))).text();
    expect(webCopy).toContain('Your first digest');

    const saved = await postForm(linkIn(digest, 'preferences'), {
      topics: ['video-generation'],
      keywords: '',
      frequency: 'weekly',
      weekday: '0',
      hour: '18',
      timezone: 'Asia/Tokyo',
      paperCount: '5',
      pickiness: 'high',
    });
    expect(saved.status).toBe(200);
    // Sunday 15 June 2025, 18:00 in Tokyo.
    expect(await sql`select next_due_at, paper_count from subscribers`).toEqual([
      { next_due_at: new Date('2025-06-15T09:00:00Z'), paper_count: 5 },
    ]);

    const header = digest.headers.get('list') as { unsubscribe?: { url?: string } };
    const oneClick = new URL(header.unsubscribe?.url ?? '');
    expect(oneClick.origin).toBe('https://papers.example.org');
    const left = await fetch(site + oneClick.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
      redirect: 'error',
    });
    expect(left.status).toBe(200);
    expect(await sql`select status, next_due_at from subscribers`).toEqual([
      { status: 'unsubscribed', next_due_at: null },
    ]);
    expect(sink.mails).toHaveLength(2);
  },
);

async function nthMail(count: number): Promise<ParsedMail> {
  await vi.waitFor(() => expect(test.sink.mails).toHaveLength(count), { timeout: 10_000 });
  const mail = (await test.sink.parsed())[count - 1];
  if (!mail) throw new Error('the mail vanished');
  return mail;
}

function linkIn(mail: ParsedMail, kind: string): string {
  const path = new RegExp(`https://papers\\.example\\.org(/${kind}/[\\w.-]+)`).exec(mail.text ?? '')?.[1];
  if (!path) throw new Error(`the mail has no ${kind} link`);
  return path;
}

function postForm(path: string, fields: Record<string, string | string[]>): Promise<Response> {
  const body = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  );
  return fetch(site + path, { method: 'POST', body, redirect: 'manual' });
}

/** Text mail is wrapped; titles are compared without regard to where. */
function flat(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ');
}
