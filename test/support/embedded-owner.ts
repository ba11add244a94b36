/**
 * A Paperboy in miniature, as a process that tests may kill: opens the Postgres of a data folder, tells what
 * came of it in lines of JSON, and closes it when told to end.
 * Usage: node --import tsx embedded-owner.ts <data folder> <own|attach>
 */

import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { AppError } from '../../src/errors.ts';

const [dataDir = '', mode] = process.argv.slice(2);
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const database = await openEmbeddedPostgres({
    dataDir,
    mode: mode === 'attach' ? 'attach' : 'own',
    say: (said) => tell({ said }),
  });
  // Only a pending timer keeps this process alive: the database must not.
  const life = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(life);
    void database.stop().then(() => tell({ stopped: true }));
  });
  tell({ url: database.url, attached: database.attached });
} catch (error) {
  tell(error instanceof AppError ? { code: error.code, message: error.message } : { crash: String(error) });
}
