/** The command that looks at a set-up before real mail goes out, and says what to do. */
import { Resolver } from 'node:dns/promises';
import type { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { systemClock } from '../context.ts';
import { openEmbeddedPostgres } from '../db/embedded.ts';
import { findCluster } from '../db/embedded-cluster.ts';
import { examine } from '../doctor/examine.ts';
import { type Finding, type FindingGroup, fault, skipped } from '../doctor/finding.ts';
import { reasonOf } from '../doctor/reason.ts';
import { countFindings, describeFindings } from '../doctor/report.ts';
import { isTrial } from '../doctor/settings-checks.ts';
import { sendTestMail } from '../doctor/test-mail.ts';
import { AppError } from '../errors.ts';
import { parseAddress } from '../mail/address.ts';
import type { Closer } from '../process.ts';
import { withClosers, withContext } from './with-context.ts';

/** Short enough that a name server which is away leaves time for another. */
const DNS_QUERY = { timeout: 1500, tries: 2 };

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Check the settings, database, queue, mail server and DNS records, and say what to do; ends with 1 where ' +
        'something is at fault.',
    )
    .option('--to <address>', 'also send one test mail there, as digests go; brings the database up to date')
    .option('--json', 'print the findings as JSON')
    .action(async ({ to, json }: { to?: string; json?: boolean }) => {
      const address = to === undefined ? null : parseAddress(to);
      if (to !== undefined && !address) throw new AppError('INPUT_INVALID', `${to} is not a mail address.`);
      const config = loadConfig();
      const groups = await lookAt(config);
      if (address) groups.push(await tryMail(address.address));
      const counts = countFindings(groups);
      console.log(
        json
          ? JSON.stringify({ trial: isTrial(config), ...counts, groups }, null, 2)
          : describeFindings(groups, { trial: isTrial(config) }),
      );
      if (counts.faults > 0) process.exitCode = 1;
    });
}

function lookAt(config: Config): Promise<FindingGroup[]> {
  const instruments = { dns: new Resolver(DNS_QUERY), fetch: globalThis.fetch, now: systemClock };
  return withClosers(async (closers) =>
    examine(config, config.databaseUrl ?? (await openEmbedded(config, closers)), instruments),
  );
}

/** An embedded Postgres that is not there yet is left to a start to make. */
async function openEmbedded({ dataDir }: Config, closers: Closer[]): Promise<string | Finding> {
  try {
    if (!(await findCluster(dataDir)))
      return skipped('PostgreSQL', 'the embedded one is made by the first start');
    const { url, stop } = await openEmbeddedPostgres({ dataDir, mode: 'attach', say: console.error });
    closers.push(stop);
    return url;
  } catch (error) {
    return fault('PostgreSQL', reasonOf(error), 'Mend that, or set DATABASE_URL to a Postgres of yours.');
  }
}

/** All as for a digest, the database included, so what this finds broken is broken for them too. */
async function tryMail(to: string): Promise<FindingGroup> {
  const title = `Test mail to ${to}`;
  const findings = await withContext(async (ctx) => [await sendTestMail(ctx, to)]).catch((error: unknown) => [
    fault('test mail', `not sent: ${reasonOf(error)}`, 'Mend the faults above, and try again.'),
  ]);
  return { title, findings };
}
