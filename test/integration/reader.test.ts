/** A reader's story through the use cases: subscribe, confirm, first digest, change, leave; on both queue backends. */
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { confirm } from '../../src/subscribers/confirm.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { parseSubscription } from '../../src/subscribers/subscription-input.ts';
import { unsubscribe } from '../../src/subscribers/unsubscribe.ts';
import { startWorkers } from '../../workers/workers.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { makePaper, storePapers } from '../support/papers.ts';

const redisUrl = inject('redisUrl');

describe.each([
  { backend: 'postgres', skip: false },
  { backend: 'redis', skip: redisUrl === null },
])('with the queue on $backend', ({ backend, skip }) => {
  let test: TestContext | undefined;
  let workers: { close(): Promise<void> } | undefined;

  afterEach(async () => {
    await workers?.close();
    await test?.close();
  });

  it.skipIf(skip)(
    'sends the mail to confirm, then the first digest at once, and nothing after leaving',
    async () => {
      test = await createTestContext({ redis: backend === 'redis' });
      const { ctx, sink, sql } = test;
      await storePapers(
        ctx,
        [
          makePaper({
            title: 'A vision-language-action model that feels',
            categories: ['cs.RO'],
            upvotes: 30,
          }),
          makePaper({
            title: 'World models for vision-language-action policies',
            categories: ['cs.RO'],
            upvotes: 3,
          }),
          makePaper({ title: 'Vision-language-action models on small robots', categories: ['cs.RO'] }),
          makePaper({ title: 'Sparse attention for long documents', categories: ['cs.CL'], upvotes: 90 }),
        ],
        ctx.now(),
      );
      workers = await startWorkers(ctx);
      expect(ctx.queues.backend).toBe(backend);

      const wishes = { email: 'Ada@Example.org', topics: ['vision-language-action-models'] };
      const parsed = parseSubscription(wishes, ctx.config.refusedDomains);
      if (!parsed.ok) throw new Error('the input is good');
      await subscribe(ctx, parsed.value, 'form');
      await vi.waitFor(() => expect(sink.mails).toHaveLength(1), { timeout: 10_000 });
      const [confirmation] = await sink.parsed();
      const token = /\/confirm\/([\w.-]+)/.exec(confirmation?.text ?? '')?.[1] ?? '';

      expect(await confirm(ctx, token)).toMatchObject({ result: 'confirmed' });
      expect(await confirm(ctx, token)).toMatchObject({ result: 'already_confirmed' });
      await vi.waitFor(() => expect(sink.mails).toHaveLength(2), { timeout: 10_000 });
      const digest = (await sink.parsed())[1];
      expect(digest?.text).toContain('A vision-language-action model that feels');
      expect(digest?.text).toContain('matches vision-language-action models');
      expect(digest?.text).not.toContain('Sparse attention');

      const leave = /\/unsubscribe\/([\w.-]+)/.exec(digest?.text ?? '')?.[1] ?? '';
      expect(await unsubscribe(ctx, leave, 'one_click')).toMatchObject({ result: 'unsubscribed' });
      expect(await unsubscribe(ctx, leave, 'one_click')).toMatchObject({ result: 'unsubscribed' });
      expect(await sql`select status, next_due_at from subscribers`).toEqual([
        { status: 'unsubscribed', next_due_at: null },
      ]);
    },
  );
});
