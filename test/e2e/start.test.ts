/** `npm start` as an operator meets it: with nothing installed, ended, killed, and started twice. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { killWithPostgres, type RunningProgram, runProgram } from '../support/run.ts';

let dataDir: string;
let port: string;
const started: RunningProgram[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'paperboy-start-'));
  // As root, Postgres runs as another user, who must be able to reach it here.
  await chmod(dataDir, 0o755);
  port = String(await freePort());
});

afterAll(async () => {
  for (const program of started) killWithPostgres(program, dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

it('runs with nothing, refuses a second copy, ends on Ctrl-C, and finds its data after a kill of everything', async () => {
  const first = start();
  await first.waitFor(/Ctrl-C ends it/);
  expect(first.output()).toContain(`Site      http://localhost:${port}`);
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(page.match(/<article/g)?.length).toBeGreaterThan(5);

  const samePort = start();
  expect(await samePort.exited).toBe(1);
  expect(samePort.output()).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use by another program\. .*\n$/);
  const sameData = start({ PORT: String(await freePort()) });
  expect(await sameData.exited).toBe(1);
  expect(sameData.output()).toMatch(/already|in use/);
  expect(sameData.output()).not.toMatch(/\n\s+at /);

  const body = new URLSearchParams({ email: 'ada@example.org', topics: 'ai-agents' });
  expect(
    (await fetch(`http://127.0.0.1:${port}/subscribe`, { method: 'POST', body, redirect: 'manual' })).status,
  ).toBe(303);
  await vi.waitFor(
    async () => expect(await mailSubjects()).toEqual(['Confirm your subscription to Paperboy']),
    {
      timeout: 10_000,
    },
  );

  const endedAt = performance.now();
  first.child.kill('SIGINT');
  expect(await first.exited).toBe(0);
  expect(performance.now() - endedAt).toBeLessThan(5000);

  const second = start();
  await second.waitFor(/Ctrl-C ends it/);
  expect(await mailSubjects()).toHaveLength(1);
  killWithPostgres(second, dataDir);
  await second.exited;

  const third = start();
  await third.waitFor(/Ctrl-C ends it/);
  expect(await mailSubjects()).toHaveLength(1);
  const known = runProgram('src/cli.ts', ['preview', 'ada@example.org'], { DATA_DIR: dataDir });
  expect(await known.exited).toBe(0);
  expect(known.output()).toContain('Subject: ');
  third.child.kill('SIGTERM');
  expect(await third.exited).toBe(0);
}, 180_000);

it('ends within 5 s, Postgres too, while a mail server keeps it waiting', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const smtpPort = typeof address === 'object' && address ? address.port : 0;
  const program = start({ SMTP_URL: `smtp://127.0.0.1:${smtpPort}` });
  const greeted = once(silent, 'connection');
  await program.waitFor(/Ctrl-C ends it/);
  const body = new URLSearchParams({ email: 'grace@example.org', topics: 'ai-agents' });
  await fetch(`http://127.0.0.1:${port}/subscribe`, { method: 'POST', body, redirect: 'manual' });
  await greeted;
  const endedAt = performance.now();
  program.child.kill('SIGINT');
  expect(await program.exited).toBe(0);
  expect(performance.now() - endedAt).toBeLessThan(5000);
  expect(() => execFileSync('pgrep', ['-f', dataDir])).toThrow();
  silent.close();
}, 60_000);

it.each([
  ['an unknown setting value', { PORT: 'many' }, /^Settings that can't be used: PORT .*\n$/],
  [
    'a database that is not there',
    { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
    /^(Starting Paperboy …\n)?Can't reach the database at 127\.0\.0\.1:1: .*\n$/,
  ],
  ['a data folder that is a file', { DATA_DIR: '/dev/null' }, /^(Starting Paperboy …\n)?.*\/dev\/null.*\n$/],
])('answers %s with one sentence', async (_name, env, sentence) => {
  const program = start({ PORT: String(await freePort()), ...env });
  expect(await program.exited).toBe(1);
  expect(program.output()).toMatch(sentence);
});

function start(env: Record<string, string> = {}): RunningProgram {
  // Nothing listens there, so the sources fail at once wherever this runs.
  const nowhere = 'http://127.0.0.1:1';
  const program = runProgram('src/start.ts', [], {
    PORT: port,
    DATA_DIR: dataDir,
    HF_BASE_URL: nowhere,
    ARXIV_BASE_URL: nowhere,
    ...env,
  });
  started.push(program);
  return program;
}

async function mailSubjects(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/mailbox/messages.json`);
  const { messages } = (await answer.json()) as { messages: { subject: string }[] };
  return messages.map(({ subject }) => subject);
}
