/** What the operator chose, read from the environment once. The only file that knows `process.env`. */
import { resolve } from 'node:path';
import type { z } from 'zod';
import { envSchema, splitList } from './env-schema.ts';
import { AppError } from './errors.ts';
import { parseMailbox } from './mail/address.ts';
import { parseImapUrl } from './mail/imap-url.ts';
import { DEFAULT_EVERY_MS } from './papers/intervals.ts';
import { readDomains, readPem, readTls } from './setting-files.ts';

export type Config = Readonly<ReturnType<typeof toConfig>>;

/**
 * Parses `env` (default: the process environment).
 * Throws AppError `CONFIG_INVALID` whose message names every bad variable.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  // An empty value in a .env or compose file means "not set".
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in envSchema.shape && value !== ''),
  );
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new AppError('CONFIG_INVALID', `Settings that can't be used: ${faults.join('; ')}.`);
  }
  return Object.freeze(toConfig(parsed.data));
}

/** npm tells what it runs. */
export function startedByNpm(): boolean {
  return process.env.npm_lifecycle_event !== undefined;
}

function toConfig(env: z.infer<typeof envSchema>) {
  const from = parseMailbox(env.MAIL_FROM);
  if (!from) throw new AppError('CONFIG_INVALID', 'MAIL_FROM is not a mail address.');
  return {
    http: {
      port: env.PORT,
      host: env.HOST,
      trustProxy: env.TRUST_PROXY === 'true',
      subscribeLimit: env.SUBSCRIBE_LIMIT,
      adminToken: env.ADMIN_TOKEN ?? null,
    },
    refusedDomains: readDomains(env.REFUSE_DOMAINS ?? []),
    publicUrl: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, ''),
    databaseUrl: env.DATABASE_URL ?? null,
    redisUrl: env.REDIS_URL ?? null,
    smtpUrl: env.SMTP_URL ?? null,
    mail: {
      from,
      postalAddress: env.MAIL_POSTAL_ADDRESS ?? null,
      bounceDomain: env.BOUNCE_DOMAIN ?? from.domain,
      bouncePort: env.BOUNCE_PORT ?? null,
      bounceTls: readTls(env.BOUNCE_TLS_CERT, env.BOUNCE_TLS_KEY),
      bounceMailbox: env.BOUNCE_IMAP_URL ? parseImapUrl(env.BOUNCE_IMAP_URL) : null,
      dkim: env.DKIM_PRIVATE_KEY
        ? {
            domain: from.domain,
            selector: env.DKIM_SELECTOR,
            privateKey: readPem('DKIM_PRIVATE_KEY', env.DKIM_PRIVATE_KEY, 'PRIVATE KEY'),
          }
        : null,
      sendConcurrency: env.SEND_CONCURRENCY,
      rateIntervalMs: env.SEND_RATE ?? null,
      warmup: env.SEND_WARMUP ?? null,
      window: env.SEND_WINDOW ?? null,
      guard: {
        hardBouncePercent: env.PAUSE_AT_HARD_BOUNCES,
        complaintPercent: env.PAUSE_AT_COMPLAINTS,
      },
      unknownDelivery: env.UNKNOWN_DELIVERY,
    },
    operator: { email: env.OPERATOR_EMAIL ?? null, webhook: env.OPERATOR_WEBHOOK ?? null },
    webhooks: {
      sesTopicArn: env.SES_TOPIC_ARN ?? null,
      postmarkPassword: env.POSTMARK_WEBHOOK_PASSWORD ?? null,
      mailgunKey: env.MAILGUN_SIGNING_KEY ?? null,
      sendgridKey: env.SENDGRID_WEBHOOK_KEY ?? null,
    },
    secretKey: env.SECRET_KEY ?? null,
    dataDir: resolve(env.DATA_DIR),
    workers: env.WORKERS ?? null,
    logLevel: env.LOG_LEVEL ?? null,
    sources: {
      userAgent: `Paperboy/0.1 (${env.CONTACT_EMAIL ? `mailto:${env.CONTACT_EMAIL}` : (env.PUBLIC_URL ?? 'self-hosted paper digest')})`,
      huggingFaceUrl: env.HF_BASE_URL.replace(/\/+$/, ''),
      arxivUrl: env.ARXIV_BASE_URL.replace(/\/+$/, ''),
      arxivQuery: env.ARXIV_QUERY,
      enabled: [...new Set(env.SOURCES)],
      everyMs: { ...DEFAULT_EVERY_MS, ...env.SOURCE_EVERY },
      feeds: (env.FEEDS ?? []).flatMap((feed) =>
        feed?.[1] && feed[2] ? [{ name: feed[1], url: feed[2] }] : [],
      ),
      oaiUrl: env.ARXIV_OAI_URL,
      oaiSets: env.ARXIV_OAI_SETS === 'all' ? [] : splitList(env.ARXIV_OAI_SETS),
      rssUrl: env.ARXIV_RSS_URL.replace(/\/+$/, ''),
      rssArchives: splitList(env.ARXIV_RSS_ARCHIVES),
      semanticScholar: { baseUrl: env.SEMANTIC_SCHOLAR_URL, apiKey: env.SEMANTIC_SCHOLAR_KEY ?? null },
    },
  };
}
