/** The operator's commands as processes: what they print, how they exit, and what they leave in the database. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../support/context.ts';
import { runProgram } from '../support/run.ts';

let test: TestContext;
let folder: string;

beforeAll(async () => {
  test = await createTestContext();
  folder = await mkdtemp(join(tmpdir(), 'paperboy-cli-'));
});

afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

async function paperboy(...args: string[]): Promise<{ code: number | null; output: string }> {
  const program = runProgram('src/cli.ts', args, {
    DATABASE_URL: test.ctx.config.databaseUrl ?? '',
    SMTP_URL: test.sink.url,
    DATA_DIR: folder,
    HF_BASE_URL: 'http://127.0.0.1:1',
    ARXIV_BASE_URL: 'http://127.0.0.1:1',
  });
  const code = await program.exited;
  return { code, output: program.output() };
}

/** In nine days every daily and weekly reader has been due. */
const inNineDays = () => new Date(test.ctx.now().getTime() + 9 * 24 * 3600_000).toISOString();

describe('the commands', () => {
  it('seed, import, plan, send once, and send nothing the second time', async () => {
    expect(await paperboy('seed')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^184 topics stored, 291 new papers\.\n$/),
    });

    const file = join(folder, 'subscribers.csv');
    await writeFile(
      file,
      [
        '\uFEFFemail,topics,keywords,frequency,weekday,hour,timezone',
        'one@example.org,ai-agents;world-models,tactile sensing,daily,1,8,Europe/Berlin',
        'two@example.org,cs-cl,,weekly,0,18,Asia/Tokyo',
        'not an address,cs-cl,,daily,1,8,UTC',
        '"three@example.org","cs-ro","grasping;""soft"" robots",daily,,,',
        'four@example.org,no-such-topic,,daily,1,8,UTC',
        'ONE@example.org,cs-cl,,daily,1,8,UTC',
        'five@example.org,,,daily,1,99,UTC',
      ].join('\r\n'),
    );
    const imported = await paperboy('import', file);
    expect(imported.code).toBe(0);
    expect(imported.output).toContain('3 subscribers imported, 1 already known, 0 suppressed, 3 bad rows.');
    expect(imported.output).toMatch(/^line 4: email /m);
    expect(imported.output).toMatch(/^line 6: topics .*no-such-topic/m);
    expect(imported.output).toMatch(/^line 8: hour /m);
    expect(await test.sql`select status from subscribers group by status`).toEqual([{ status: 'active' }]);

    const at = inNineDays();
    expect((await paperboy('digest', '--at', at, '--dry-run')).output).toBe(
      '3 subscribers due, 3 digests would be sent. Nothing was changed.\n',
    );
    expect(test.sink.mails).toHaveLength(0);
    expect((await paperboy('digest', '--at', at)).output).toMatch(/^3 subscribers due: 3 sent, 0 failed/);
    expect(test.sink.mails.map(({ to }) => to).sort()).toEqual([
      'one@example.org',
      'three@example.org',
      'two@example.org',
    ]);
    expect((await paperboy('digest', '--at', at)).output).toMatch(/^0 subscribers due: 0 sent/);
    expect(test.sink.mails).toHaveLength(3);
  });

  it('subscribe --confirmed makes a reader due at once, and preview shows the digest without sending it', async () => {
    const added = await paperboy(
      'subscribe',
      'grace@example.org',
      '--topics',
      'ai-agents,cs-se',
      '--keywords',
      'terminal agents',
      '--confirmed',
    );
    expect(added).toMatchObject({ code: 0, output: expect.stringContaining('Subscribed.') });
    const out = join(folder, 'preview.html');
    expect((await paperboy('preview', 'Grace@Example.org', '--out', out)).output).toContain(`Wrote ${out}: `);
    expect(await readFile(out, 'utf8')).toContain('Your first digest');
    const before = test.sink.mails.length;
    expect((await paperboy('digest')).output).toMatch(/^1 subscriber due: 1 sent/);
    expect(test.sink.mails).toHaveLength(before + 1);
  });

  it('ingest reads a file, and names each source that can not be reached', async () => {
    const file = join(folder, 'papers.jsonl');
    await writeFile(
      file,
      `${JSON.stringify({ id: '2611.00001', title: 'A paper on tests', abstract: 'It has one sentence.', authors: ['Ada Lovelace'], categories: ['cs.SE'], published: '2026-11-20' })}\nnot json\n`,
    );
    expect((await paperboy('ingest', '--file', file)).output).toContain(
      '2 records read, 1 new, 0 updated, 0 joined, 1 skipped.',
    );
    expect((await paperboy('ingest', '--file', file)).output).toContain('0 new, 0 updated');
    const bib = join(folder, 'mine.bib');
    await writeFile(
      bib,
      '@article{lovelace, title={A Paper on Tests}, author={Lovelace, Ada}, year=2026, eprint={2611.00001}, archivePrefix={arXiv}}',
    );
    expect((await paperboy('ingest', '--file', bib)).output).toContain(
      '1 record read, 0 new, 1 updated, 0 joined, 0 skipped.',
    );
    const live = await paperboy('ingest', '--source', 'hf', '--from', '2026-11-20', '--to', '2026-11-20');
    expect(live).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^hf: 127\.0\.0\.1:1 could not be reached\.\n$/),
    });
    const { output } = await paperboy('sources');
    expect(output).toMatch(/^hf\n {2}every {7}30 minutes; last run 20/);
    expect(output).toMatch(/failing {5}since .*: 127\.0\.0\.1:1 could not be reached\./);
    expect(output).toMatch(/^arxiv\n.*last run never/m);
  });

  it('answers every mistake with a sentence and a non-zero exit', async () => {
    const mistakes: [string[], RegExp][] = [
      [['subscribe', 'nobody'], /^email is not a mail address we can send to\.\n$/],
      [['subscribe', 'a@example.org', '--topics', 'nope'], /^topics holds no topic of ours: nope\.\n$/],
      [['import', '/no/such/file.csv'], /^There is no file \/no\/such\/file\.csv that can be read\.\n$/],
      [['digest', '--at', 'tomorrow'], /^--at must be a time such as .*\n$/],
      [['preview', 'stranger@example.org'], /^stranger@example\.org is not a subscriber\.\n$/],
      [['ingest', '--source', 'twitter'], /twitter/],
      [['ingest', '--from', 'monday'], /^--from must be a day such as .*\n$/],
      [['nonsense'], /unknown command/],
    ];
    for (const [args, sentence] of mistakes) {
      const { code, output } = await paperboy(...args);
      expect(output, args.join(' ')).toMatch(sentence);
      expect(output).not.toMatch(/\n\s+at /);
      expect(code).not.toBe(0);
    }
  });

  it('have help', async () => {
    for (const command of [
      '',
      'migrate',
      'seed',
      'ingest',
      'sources',
      'subscribe',
      'import',
      'digest',
      'preview',
    ]) {
      const { code, output } = await paperboy(...(command ? [command] : []), '--help');
      expect(output, command).toMatch(/^Usage: paperboy/);
      expect(code).toBe(0);
    }
  });
});
