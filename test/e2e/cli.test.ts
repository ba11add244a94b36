/** The operator's commands: what they print, how they exit, and what they leave in the database. The main ones run as processes. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { type RunningProgram, runProgram } from '../support/run.ts';

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

const settings = () => ({
  DATABASE_URL: test.ctx.config.databaseUrl ?? '',
  SMTP_URL: test.sink.url,
  DATA_DIR: folder,
  HF_BASE_URL: 'http://127.0.0.1:1',
  ARXIV_BASE_URL: 'http://127.0.0.1:1',
});

const paperboy = (...args: string[]) => runCommand(args, settings());

/** The same as an operator does it. */
async function paperboyProcess(...args: string[]): Promise<{ code: number | null; output: string }> {
  const program = runProgram('src/cli.ts', args, settings());
  const code = await program.exited;
  return { code, output: program.output() };
}

function startIngest(port: number): RunningProgram {
  const env = { ...settings(), HF_BASE_URL: `http://127.0.0.1:${port}` };
  return runProgram('src/cli.ts', ['ingest', '--source', 'hf'], env);
}

/** In nine days every daily and weekly reader has been due. */
const inNineDays = () => new Date(test.ctx.now().getTime() + 9 * 24 * 3600_000).toISOString();

describe('the commands', () => {
  it('seed, import, plan, send once, and send nothing the second time', async () => {
    expect(await paperboyProcess('seed')).toMatchObject({
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
    const imported = await paperboyProcess('import', file);
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
    expect((await paperboyProcess('digest', '--at', at)).output).toMatch(
      /^3 subscribers due: 3 sent, 0 failed/,
    );
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

  it('preview shows the digest of a profile that nobody has saved, a bibliography included, and stores nothing', async () => {
    const bib = join(folder, 'preview.bib');
    await writeFile(
      bib,
      `@article{t, title={Touch: a tactile skin for robot hands}, author={Feel, Ada}, year=2019,
        abstract={A tactile skin gives robot hands touch for manipulation.}}`,
    );
    const counts = () => test.sql`select (select count(*) from papers) as papers,
      (select count(*) from subscribers) as subscribers, (select count(*) from deliveries) as mails`;
    const before = await counts();
    const args = ['--topics', 'world-models', '--keywords', 'tactile sensing', '--liked', '2401.09999'];
    const shown = await paperboy('preview', ...args, '--liked-bib', bib, '--excluded', 'benchmark');
    expect(shown.output).toContain('Not known here yet, so left out: 2401.09999.');
    expect(shown.output).toContain('1 paper from');
    expect(shown.output).toMatch(/^Subject: .+ and \d+ more$/m);
    expect(shown.output).toContain('Why: ');
    expect(shown.output.replace(/\s+/g, ' ')).toContain('like “Touch: a tactile skin for robot hands”');
    expect(shown.output).not.toMatch(/More like this|\/(preferences|unsubscribe)\//);
    const out = join(folder, 'profile.html');
    const written = await paperboy('preview', '--authors', 'Ada Lovelace', '--out', out);
    expect(written.output).toContain(`Wrote ${out}: `);
    expect(await readFile(out, 'utf8')).toContain('Little that is new matches');
    expect(await counts()).toEqual(before);
  });

  it('subscribe takes papers that the reader likes, by id and from a bibliography, and so does import', async () => {
    const bib = join(folder, 'liked.bib');
    await writeFile(
      bib,
      '@article{s, title={Sand dunes and how they sing}, author={Dune, Sandy}, year=1987}',
    );
    const [known] =
      await test.sql`select arxiv_id from papers where arxiv_id is not null order by id limit 1`;
    const args = ['--liked', `https://arxiv.org/abs/${known?.arxiv_id},2401.09999`, '--liked-bib', bib];
    const added = await paperboy('subscribe', 'liker@example.org', ...args, '--confirmed');
    expect(added).toMatchObject({ code: 0, output: expect.stringContaining('Subscribed.') });
    expect(added.output).toContain('1 paper from');
    expect(added.output).toContain('Not known here yet, so left out: 2401.09999.');
    const file = join(folder, 'likers.csv');
    await writeFile(
      file,
      `email,liked\ncsv@example.org,${known?.arxiv_id};2401.09998\nbad@example.org,thesis\n`,
    );
    const imported = await paperboy('import', file);
    expect(imported.output).toContain('1 subscriber imported');
    expect(imported.output).toMatch(/^line 3: liked must be arXiv ids/m);
    expect(imported.output).toContain('left out: 2401.09998.');
    const likes =
      await test.sql`select s.email, count(*)::int from feedback f join subscribers s on s.id = f.subscriber_id
      group by s.email order by s.email`;
    expect(likes).toEqual([
      { email: 'csv@example.org', count: 1 },
      { email: 'liker@example.org', count: 2 },
    ]);
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

  it('ingest leaves a source alone that is being read, and an interrupted run counts against no source', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await test.sql`delete from source_states`;
    const asked = once(silent, 'connection');
    const first = startIngest(port);
    await asked;
    const second = startIngest(port);
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^hf: Another process has been reading it since 20.* UTC\. .*\n$/);
    expect((await paperboy('sources')).output).toMatch(/^hf\n {2}every {7}30 minutes; being read since 20/);

    first.child.kill('SIGINT');
    expect(await first.exited).toBe(130);
    expect(first.output()).toBe('\nInterrupted. What was done so far is kept.\n');
    const [state] =
      await test.sql`select last_error, failing_since, lease_until <= now() as free from source_states`;
    expect(state).toEqual({ last_error: null, failing_since: null, free: true });
    silent.close();
  });

  it('is a process that ends with the sentence and the exit code of a mistake, or with its help', async () => {
    const mistake = await paperboyProcess('preview', 'stranger@example.org');
    expect(mistake).toEqual({ code: 1, output: 'stranger@example.org is not a subscriber.\n' });
    const help = await paperboyProcess('digest', '--help');
    expect(help).toMatchObject({ code: 0, output: expect.stringMatching(/^Usage: paperboy digest/) });
  });
});
