/** An embedded Postgres that can be restarted under everyone's feet, at the address it had. */
import { stat } from 'node:fs/promises';
import { openEmbeddedPostgres } from '../../src/db/embedded.ts';
import { runAs } from '../../src/db/embedded-account.ts';
import { findBinaries } from '../../src/db/embedded-binaries.ts';
import { findCluster } from '../../src/db/embedded-cluster.ts';

export interface BreakablePostgres {
  url: string;
  /** As after a loss of power: nobody is waited for, and it recovers from its log. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startBreakablePostgres(dataDir: string): Promise<BreakablePostgres> {
  const database = await openEmbeddedPostgres({ dataDir, mode: 'own', say: () => {} });
  const cluster = await findCluster(dataDir);
  if (!cluster) throw new Error(`no database in ${dataDir}`);
  const { uid, gid } = await stat(cluster.pgData);
  const account = uid === process.getuid?.() ? undefined : { uid, gid };
  const { pgCtl, env } = await findBinaries(account, dataDir);
  return {
    url: database.url,
    async crash() {
      const where = ['-D', cluster.pgData, '-l', cluster.logFile];
      await runAs(account, pgCtl, ['restart', '-w', '-m', 'immediate', ...where], env);
    },
    stop: () => database.stop(),
  };
}
