/** The open handles that every use case works with, and the embedded parts that stand in for what is not configured. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/client.ts';
import { prepareDataDir } from './db/data-dir.ts';
import { openEmbeddedPostgres } from './db/embedded.ts';
import { migrateDatabase } from './db/migrate.ts';
import { getOrCreateSetting } from './db/settings.repo.ts';
import { createDomainLanes, type DomainLanes } from './deliveries/pace-lanes.ts';
import { createLogger, type Logger } from './logger.ts';
import { createLinks, type Links } from './mail/links.ts';
import { type LocalMailbox, openLocalMailbox } from './mail/local-mailbox.ts';
import { createMailer, type Mailer } from './mail/transport.ts';
import { openQueues, type Queues } from './queues.ts';
import { loadTemplates, type Templates } from './templates.ts';
import { within } from './within.ts';

export interface Context {
  config: Config;
  db: Database;
  queues: Queues;
  mailer: Mailer;
  /** What this process sends to each domain right now. */
  lanes: DomainLanes;
  links: Links;
  templates: Templates;
  /** Only where there is no SMTP_URL. */
  mailbox: LocalMailbox | null;
  log: Logger;
  now: () => Date;
  fetch: typeof globalThis.fetch;
}

/** The time of the machine: the only place that asks for it. */
export const systemClock = () => new Date();

/** An embedded Postgres that writes out its last pages takes longest, and most of a second. */
const CLOSE_WITHIN_MS = 1500;

export interface OpenOptions {
  /** `own`: this process keeps the embedded Postgres (the server). `attach`: use a running one if there is (a command). */
  mode: 'own' | 'attach';
  /** Where LOG_LEVEL says nothing: `info` for what runs unwatched, `warn` for what someone sits in front of. */
  logLevel?: 'info' | 'warn';
  /** One-line notices to the operator. */
  say?: (sentence: string) => void;
  log?: Logger;
  now?: () => Date;
  fetch?: typeof globalThis.fetch;
  /** The folder for what MJML makes of the mails; by default one in DATA_DIR. */
  compiledMailsIn?: string;
}

/**
 * Opens everything in order, migrations included, and closes what is open already where a later part fails.
 * `close` ends it in the opposite order.
 */
export async function openContext(
  config: Config,
  options: OpenOptions,
): Promise<{ ctx: Context; close: () => Promise<void> }> {
  const log = options.log ?? createLogger(config.logLevel ?? options.logLevel ?? 'warn');
  const now = options.now ?? systemClock;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    // One that hangs on a connection someone else holds must not keep the embedded Postgres, the last, from its end.
    for (const closer of closers.splice(0).reverse()) {
      await within(CLOSE_WITHIN_MS, Promise.resolve(closer())).catch((error: Error) =>
        log.debug({ event: 'close.failed', error: error.message }),
      );
    }
  };
  try {
    const databaseUrl = config.databaseUrl ?? (await embeddedDatabase(config, options, closers));
    await migrateDatabase(databaseUrl);
    const { db, close: closeDatabase } = openDatabase(databaseUrl);
    closers.push(closeDatabase);
    const queues = await openQueues({ redisUrl: config.redisUrl, databaseUrl, log });
    closers.push(queues.close);
    const mailbox = config.smtpUrl ? null : await openMailbox(config, now);
    if (mailbox) closers.push(mailbox.close);
    const mailer = createMailer({
      smtpUrl: config.smtpUrl ?? mailbox?.smtpUrl ?? '',
      dkim: config.mail.dkim,
      connections: config.mail.sendConcurrency,
      now,
      log,
    });
    closers.push(mailer.close);
    const links = createLinks({ secrets: await signingSecrets(config, db), publicUrl: config.publicUrl });
    const templates = await loadTemplates(options.compiledMailsIn ?? join(config.dataDir, 'templates'));
    const ctx: Context = {
      config,
      db,
      queues,
      mailer,
      lanes: createDomainLanes(config.mail.sendConcurrency),
      links,
      templates,
      mailbox,
      log,
      now,
      fetch: options.fetch ?? globalThis.fetch,
    };
    return { ctx, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embeddedDatabase(
  config: Config,
  options: OpenOptions,
  closers: (() => unknown)[],
): Promise<string> {
  const postgres = await openEmbeddedPostgres({
    dataDir: config.dataDir,
    mode: options.mode,
    say: options.say ?? (() => {}),
  });
  closers.push(postgres.stop);
  return postgres.url;
}

async function openMailbox({ dataDir }: Config, now: () => Date): Promise<LocalMailbox> {
  return openLocalMailbox(join(await prepareDataDir(dataDir), 'mailbox'), now);
}

/** SECRET_KEY (several, newest first, separated by commas), or one made once and shared through the database. */
async function signingSecrets(config: Config, db: Database): Promise<string[]> {
  const random = () => randomBytes(32).toString('base64url');
  const secrets = config.secretKey
    ? config.secretKey.split(',').map((secret) => secret.trim())
    : [await getOrCreateSetting(db, 'secret_key', random)];
  // Ids start again with an empty database; links from before it must not open what belongs to others now.
  const installation = await getOrCreateSetting(db, 'installation', random);
  return secrets.map((secret) => `${secret}.${installation}`);
}
