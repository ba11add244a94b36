/**
 * Turns the mails' MJML into HTML, and keeps it for the processes that follow: MJML takes most of a second and 60 MB of
 * each of them, and what comes of it changes only with the sources.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

const OPTIONS = {
  fonts: {},
  keepComments: false,
  validationLevel: 'strict',
  // Off unless asked for; the mails share their head.
  ignoreIncludes: false,
} as const;

const KEPT = /^mails-[\w-]+\.json$/;

/**
 * The HTML of the files `name`.mjml in `dir`, tags of the template engine and markers of messages still inside. `keptIn`
 * is a folder that is made when needed; where it can't be written to, MJML is compiled each time.
 * Throws where MJML finds a fault.
 */
export async function compileMjml<N extends string>(
  dir: string,
  names: readonly N[],
  keptIn: string,
): Promise<Record<N, string>> {
  const file = `mails-${await markSources(dir)}.json`;
  const kept = await readKept(join(keptIn, file), names);
  if (kept) return kept;
  const entries = await Promise.all(names.map(async (name) => [name, await compile(dir, name)] as const));
  const compiled = Object.fromEntries(entries) as Record<N, string>;
  await keep(keptIn, file, compiled).catch(() => {});
  return compiled;
}

async function compile(dir: string, name: string): Promise<string> {
  const { default: mjml2html } = await import('mjml');
  const filePath = join(dir, `${name}.mjml`);
  const { html } = await mjml2html(await readFile(filePath, 'utf8'), { ...OPTIONS, filePath });
  // The indentation of MJML's output is a fifth of a mail, and Gmail cuts a message at 102 KB.
  return html.replace(/\s*\n\s*/g, '\n');
}

/** Of all that decides what comes out: the sources with what they include, MJML itself, and this file. */
async function markSources(dir: string): Promise<string> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.mjml')).sort();
  const paths = [
    ...names.map((name) => join(dir, name)),
    createRequire(import.meta.url).resolve('mjml/package.json'),
    import.meta.filename,
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return createHash('sha256')
    .update(JSON.stringify([names, texts]))
    .digest('base64url')
    .slice(0, 22);
}

async function readKept<N extends string>(
  path: string,
  names: readonly N[],
): Promise<Record<N, string> | null> {
  try {
    const shape = z.object(Object.fromEntries(names.map((name) => [name, z.string().min(1)])));
    return shape.parse(JSON.parse(await readFile(path, 'utf8'))) as Record<N, string>;
  } catch {
    // Not there, or cut short by a full disk: it is made anew.
    return null;
  }
}

async function keep(folder: string, file: string, compiled: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, JSON.stringify(compiled));
  // Whole or not at all, whoever reads it meanwhile.
  await rename(draft, join(folder, file));
  const older = (await readdir(folder)).filter((name) => KEPT.test(name) && name !== file);
  await Promise.all(older.map((name) => rm(join(folder, name), { force: true })));
}
