/** Mails are compiled anew whenever anything they are made of has changed, and never from a broken copy. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileMjml } from '../../src/compile-mjml.ts';

let folder: string;
let sources: string;
let kept: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperboy-test-'));
  sources = join(folder, 'email');
  kept = join(folder, 'data', 'templates');
  await mkdir(sources);
  await writeFile(join(sources, 'head.mjml'), '<mj-attributes><mj-text color="#111111" /></mj-attributes>');
  await write('Hello <%= it.name %>');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (text: string) =>
  writeFile(
    join(sources, 'note.mjml'),
    `<mjml><mj-head><mj-include path="./head.mjml" /></mj-head>
    <mj-body><mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section></mj-body></mjml>`,
  );
const compile = async (keptIn = kept) => (await compileMjml(sources, ['note'], keptIn)).note;

it('leaves the tags of the template engine as they are', async () => {
  expect(await compile()).toContain('Hello <%= it.name %>');
});

it('takes what is kept while the sources stay the same', async () => {
  const first = await compile();
  const [file = ''] = await readdir(kept);
  await writeFile(join(kept, file), JSON.stringify({ note: 'as it was kept' }));
  expect(await compile()).toBe('as it was kept');
  await write('Goodbye');
  expect(await compile()).toContain('Goodbye');
  await write('Hello <%= it.name %>');
  expect(await compile()).toBe(first);
});

it('compiles anew when what is included changed, and keeps the newest alone', async () => {
  expect(await compile()).toContain('#111111');
  await writeFile(join(sources, 'head.mjml'), '<mj-attributes><mj-text color="#222222" /></mj-attributes>');
  expect(await compile()).toContain('#222222');
  expect(await readdir(kept)).toHaveLength(1);
});

it.each(['', '{"note": "cut sh', '{}', '{"note": 7}'])(
  'compiles anew where what is kept is %j',
  async (broken) => {
    const first = await compile();
    const [file = ''] = await readdir(kept);
    await writeFile(join(kept, file), broken);
    expect(await compile()).toBe(first);
    expect(JSON.parse(await readFile(join(kept, file), 'utf8'))).toEqual({ note: first });
  },
);

it('does without a place to keep it', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await compile(join(folder, 'file'))).toContain('Hello');
});

it('names the fault where MJML finds one', async () => {
  await writeFile(join(sources, 'note.mjml'), '<mjml><mj-body><mj-nonsense /></mj-body></mjml>');
  await expect(compile()).rejects.toThrow(/mj-nonsense/);
});
