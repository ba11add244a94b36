/** `paperboy bounce` as an operator runs it: it tells what messages are without a database, and acts on one with it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeComplaint, makeReport } from '../support/bounces.ts';
import { runCommand } from '../support/command.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addReaders } from '../support/readers.ts';
import { runProgram } from '../support/run.ts';

let test: TestContext;
let folder: string;

beforeAll(async () => {
  test = await createTestContext();
  folder = await mkdtemp(join(tmpdir(), 'paperboy-bounce-'));
});

afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(args: string[], env: Record<string, string>, input?: Uint8Array) {
  const program = runProgram('src/cli.ts', ['bounce', ...args], env, input);
  const code = await program.exited;
  return { code, output: program.output() };
}

it('tells what each file is, goes on after one that is not there, and says so at the end', async () => {
  const files = ['hard.eml', 'complaint.eml'].map((name) => join(folder, name));
  await Promise.all([makeReport(), makeComplaint()].map((mail, at) => writeFile(files[at] ?? '', mail)));
  const [hard = '', complaint = ''] = files;
  const missing = join(folder, 'missing.eml');
  // No database answers here, and no setting is read.
  const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', PORT: 'none' };
  const all = await runCommand(['bounce', '--classify', hard, missing, complaint], env);
  expect(all.code).toBe(1);
  const lines = all.output.split('\n');
  expect(lines).toContain(`${missing} can't be read (ENOENT).`);
  expect(lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))).toEqual([
    { file: hard, kind: 'bounce', hard: true, status: '5.1.1', reason: 'userunknown' },
    { file: complaint, kind: 'complaint', hard: false, status: null, reason: 'abuse' },
  ]);
  expect((await run(['--classify', hard], env)).code).toBe(0);
});

it('acts on a message from standard input, says what it did, and does nothing the second time', async () => {
  await addReaders(test.ctx, [{ email: 'ada@example.net', topics: ['cs-cl'] }]);
  const [row] = await test.sql`
    insert into deliveries (kind, subscriber_id, status, next_attempt_at, created_at, finished_at)
    select 'already_subscribed', id, 'sent', now(), now(), now() from subscribers returning id::int`;
  const id = row?.id as number;
  const to = `bounce+${id}.${test.ctx.links.proof('bounce', id)}@example.org`;
  const env = {
    DATABASE_URL: test.ctx.config.databaseUrl ?? '',
    SMTP_URL: test.sink.url,
    DATA_DIR: folder,
    MAIL_FROM: 'Paperboy <digest@example.org>',
    SECRET_KEY: 'a secret for tests only',
  };
  const first = await run([], env, makeReport({ to }));
  expect(first).toEqual({
    code: 0,
    output: `Delivery ${id}: bounce, hard, 5.1.1, userunknown. The address gets no more mail.\n`,
  });
  expect([...(await test.sql`select reason from suppressions`)]).toEqual([{ reason: 'hard_bounce' }]);
  expect((await run([], env, makeReport({ to }))).output).toContain(
    'Nothing was changed: this is recorded already.',
  );
  expect((await run([], env, makeReport())).output).toBe(
    'This message names no mail of this Paperboy. Nothing was changed.\n',
  );
  const away = { ...env, DATABASE_URL: 'postgres://127.0.0.1:1/none' };
  expect((await run([], away, makeReport({ to }))).code).toBe(75);
  expect(await run([], env)).toEqual({ code: 1, output: 'There was nothing on standard input.\n' });
});
