/** Where the project's own files (templates, migrations, seeds) lie, from the sources and from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json')) && existsSync(join(from, 'migrations'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('The project folder is not above this file.');
  return findRoot(parent);
}

export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
