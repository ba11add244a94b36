/** The web site on a context of its own, as a visitor meets it, with readers in every state and a way to see that nothing changed. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { hashAddress } from '../../src/mail/address.ts';
import type { LinkPurpose } from '../../src/mail/links.ts';
import { subscribeConfirmed } from '../../src/subscribers/confirm.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { parseSubscription, type Subscription } from '../../src/subscribers/subscription-input.ts';
import { type Clock, createClock } from './clock.ts';
import { createTestContext, type TestContext, type TestOptions } from './context.ts';

export type Fields = Record<string, string | readonly string[]>;

export interface TestSite extends TestContext {
  app: FastifyInstance;
  clock: Clock;
  /** Posts a form as a browser does. */
  postForm(url: string, fields: Fields): Promise<LightMyRequestResponse>;
  postJson(url: string, body: unknown): Promise<LightMyRequestResponse>;
  /** The path of a signed link; its token alone is `.split('/')[2]`. */
  path(
    purpose: LinkPurpose,
    id: number,
    options?: { version?: number; expiresAt?: Date; paperId?: number },
  ): string;
  /** Someone who asked and has not confirmed; their id. */
  addPending(email: string): Promise<number>;
  /** Someone who gets digests; their id. */
  addReader(email: string, wishes?: Record<string, unknown>): Promise<number>;
  suppress(email: string): Promise<void>;
  /** Every row of every table of ours, and every job that waits. */
  dump(): Promise<Record<string, unknown[]>>;
}

export async function createTestSite(options: TestOptions = {}): Promise<TestSite> {
  const clock = createClock('2026-11-24T09:30:00Z');
  const test = await createTestContext({ now: clock.now, ...options });
  const { ctx, sql } = test;
  const app = await buildApp(ctx);
  const idOf = async (email: string) => {
    const [row] = await sql`select id::int from subscribers where email_key = ${email.toLowerCase()}`;
    return Number(row?.id);
  };
  return {
    ...test,
    app,
    clock,
    postForm: (url, fields) =>
      app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: encodeForm(fields),
      }),
    postJson: (url, body) =>
      app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify(body),
      }),
    path: (purpose, id, { version = 1, expiresAt, paperId } = {}) =>
      new URL(ctx.links.url({ purpose, id, version, paperId }, expiresAt)).pathname,
    async addPending(email) {
      await subscribe(ctx, input({ email }), 'form');
      return idOf(email);
    },
    async addReader(email, wishes = {}) {
      await subscribeConfirmed(ctx, input({ email, ...wishes }));
      return idOf(email);
    },
    async suppress(email) {
      const hash = hashAddress(email.toLowerCase());
      await sql`insert into suppressions values (${hash}, 'hard_bounce', null, ${clock.now()})`;
    },
    async dump() {
      const tables = await sql`select schemaname as schema, tablename as name from pg_tables
        where schemaname = 'public' or (schemaname = 'bullmq' and tablename = 'job')`;
      const rows = tables.map(async ({ schema, name }) => {
        const kept = await sql`select to_jsonb(t)::text as row from ${sql(schema)}.${sql(name)} t order by 1`;
        return [name, kept.map(({ row }) => row)] as const;
      });
      return Object.fromEntries(await Promise.all(rows));
    },
    async close() {
      await app.close();
      await test.close();
    },
  };
}

export function encodeForm(fields: Fields): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) form.append(name, each);
  }
  return form.toString();
}

function input(typed: Record<string, unknown>): Subscription {
  const parsed = parseSubscription(typed, new Set());
  if (!parsed.ok) throw new Error(`a test gave bad input: ${JSON.stringify(parsed.faults)}`);
  return parsed.value;
}
