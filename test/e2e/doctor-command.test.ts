/** `paperboy dkim` and `paperboy doctor` as an operator runs them: what they print, how they exit, and what they leave behind. */
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendTestMail } from '../../src/doctor/test-mail.ts';
import { projectRoot } from '../../src/project-root.ts';
import { testCertificate } from '../support/certificate.ts';
import { runCommand } from '../support/command.ts';
import { createTestContext } from '../support/context.ts';
import { runProgram } from '../support/run.ts';

const MAIL_FROM = 'Paperboy <digest@papers.internal>';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperboy-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = (env: Record<string, string>) => ({ DATA_DIR: join(folder, 'data'), ...env });

const paperboy = (args: string[], env: Record<string, string> = {}) => runCommand(args, settings(env));

/** Where the process must show that it ends, or take what only a process can be given. */
async function paperboyProcess(args: string[], env: Record<string, string>) {
  const program = runProgram('src/cli.ts', args, settings(env));
  const code = await program.exited;
  return { code, output: program.output() };
}

describe('paperboy dkim', () => {
  it('makes a key whose record, as printed, verifies what Paperboy signs with it', async () => {
    const path = join(folder, 'key.pem');
    const made = await paperboy(['dkim', 'generate', '--out', path], { MAIL_FROM });
    expect(made.code).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const [, name = '', value = ''] = /^ {2}name {3}(\S+)\n {2}value {2}(.+)$/m.exec(made.output) ?? [];
    const [, selector = ''] = /^DKIM_SELECTOR=(\S+)$/m.exec(made.output) ?? [];
    expect(selector).toMatch(/^pb20\d\d(0\d|1[0-2])$/);
    expect(name).toBe(`${selector}._domainkey.papers.internal`);

    const env = { MAIL_FROM, DKIM_PRIVATE_KEY: path, DKIM_SELECTOR: selector };
    const shown = await paperboy(['dkim', 'show'], env);
    expect(shown.output).toContain(`  name   ${name}\n  value  ${value}\n`);

    const test = await createTestContext({ env });
    await sendTestMail(test.ctx, 'operator@example.org');
    const resolver = async (asked: string) => [[asked === name ? value : '']];
    const { results } = await dkimVerify(test.sink.mails[0]?.raw ?? '', { resolver, minBitLength: 2048 });
    await test.close();
    expect(results.map(({ status }) => status.result)).toEqual(['pass']);
  });

  it('never writes over a file', async () => {
    const path = join(folder, 'kept.pem');
    await writeFile(path, 'something else');
    const { code, output } = await paperboy(['dkim', 'generate', '--out', path], { MAIL_FROM });
    expect(output).toMatch(/^\S+ is there already and stays as it is; .*\n$/);
    expect(code).toBe(1);
    expect(await readFile(path, 'utf8')).toBe('something else');
  });

  it.each<[string[], RegExp]>([
    [['dkim', 'generate'], /^Set MAIL_FROM first: .*\n$/],
    [['dkim', 'generate', '--bits', '1024'], /^--bits must be a whole number from 2048 to 4096\.\n$/],
    [['doctor', '--to', 'nobody'], /^nobody is not a mail address\.\n$/],
  ])('and doctor answer mistakes with a sentence: %j', async (args, sentence) => {
    const { code, output } = await paperboy(args, args.length > 3 ? { MAIL_FROM } : {});
    expect(output).toMatch(sentence);
    expect(code).toBe(1);
  });
});

describe('paperboy doctor', () => {
  it('says of a trial that it is one, finds no fault, and makes no database for it', async () => {
    const { code, output } = await paperboyProcess(['doctor'], { PUBLIC_URL: 'http://localhost:1' });
    expect(output).toMatch(/^Settings\n/);
    expect(output).toMatch(
      /0 faults, 1 warning\. This is a trial set-up: all mail goes to the local mailbox/,
    );
    expect(code).toBe(0);
    expect(await readdir(folder)).not.toContain('data');
  });

  it('tries a mail server up to the login, and ends with 1 where something is at fault', async () => {
    const server = new SMTPServer({
      ...testCertificate,
      secure: true,
      disableReverseLookup: true,
      onAuth: ({ username }, _session, callback) => callback(null, { user: username }),
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;
    const { code, output } = await paperboyProcess(['doctor', '--json'], {
      SMTP_URL: `smtps://ada:hush@127.0.0.1:${port}`,
      MAIL_FROM: 'Paperboy <digest@example.org>',
      NODE_EXTRA_CA_CERTS: join(projectRoot, 'test', 'fixtures', 'certificates', 'test-only.cert.pem'),
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const { trial, faults, groups } = JSON.parse(output);
    expect({ code, trial, faults }).toEqual({ code: 1, trial: false, faults: 2 });
    const states = (title: string) =>
      groups
        .find((group: { title: string }) => group.title === title)
        ?.findings.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);
    expect(states(`Mail server 127.0.0.1:${port}`)).toEqual([
      'connection ok',
      'encryption ok',
      'login ok',
      'pipelining ok',
    ]);
    expect(states('Settings')).toEqual([
      'MAIL_FROM fault',
      'PUBLIC_URL fault',
      'SECRET_KEY ok',
      'ADMIN_TOKEN ok',
    ]);
    expect(output).not.toContain('hush');
  });
});
