/** Every environment variable: what it may be, its default and its meaning. One long table, so that it can be read as one. */
import { z } from 'zod';
import { parseRate, parseWarmup, parseWindow } from './deliveries/pace-settings.ts';
import { isSendGridKey } from './deliveries/webhooks/sendgrid.ts';
import { TOPIC_ARN } from './deliveries/webhooks/sns.ts';
import { parseMailbox } from './mail/address.ts';
import { parseImapUrl } from './mail/imap-url.ts';
import { parseSmtpServers } from './mail/smtp-url.ts';
import { parseIntervals } from './papers/intervals.ts';

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};
const percent = z.coerce
  .number({ error: 'must be a number from 0 to 100' })
  .min(0, { error: 'must be a number from 0 to 100' })
  .max(100, { error: 'must be a number from 0 to 100' });
const port = (fallback: number) => whole(0, 65_535).default(fallback);
/** "a, b" as a list. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function refuse(check: z.RefinementCtx, message: string): never {
  check.addIssue(message);
  return z.NEVER;
}

const urlWithProtocol = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

/** `.env.example` lists the same names. */
export const envSchema = z.object({
  PORT: port(3000).describe('Port of the web site'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all'),
  PUBLIC_URL: urlWithProtocol('http:', 'https:')
    .optional()
    .describe('How readers reach the site; default http://localhost:PORT'),
  DATABASE_URL: urlWithProtocol('postgres:', 'postgresql:')
    .optional()
    .describe('Postgres; without it an embedded one runs in DATA_DIR'),
  REDIS_URL: urlWithProtocol('redis:', 'rediss:')
    .optional()
    .describe('Redis for the queue; without it the queue lives in Postgres'),
  SMTP_URL: z
    .string()
    .refine(
      (value) => parseSmtpServers(value) !== null,
      'must look like: smtps://user:password@mail.example.org, or several of these between commas, each with ?weight=1 to 100 or ?insecure=1 if need be; write what is special in a password as %2C',
    )
    .optional()
    .describe('Mail server, or several between commas; without it mail goes to the local mailbox'),
  MAIL_FROM: z
    .string()
    .default('Paperboy <digest@paperboy.localhost>')
    .refine((value) => parseMailbox(value) !== null, 'must look like: Paperboy <digest@example.org>')
    .describe('Sender of every mail'),
  MAIL_POSTAL_ADDRESS: z.string().max(300).optional().describe('Postal address shown in the footer'),
  BOUNCE_DOMAIN: z
    .string()
    .max(253)
    .optional()
    .describe('Domain of the envelope sender; default the domain of MAIL_FROM'),
  BOUNCE_PORT: whole(1, 65_535)
    .optional()
    .describe('Port of the built-in mail server for bounces; without it there is none'),
  BOUNCE_TLS_CERT: z
    .string()
    .optional()
    .describe(
      'Certificate of that server, for STARTTLS: PEM text or path of a PEM file; without it, it speaks no TLS',
    ),
  BOUNCE_TLS_KEY: z.string().optional().describe('Key of BOUNCE_TLS_CERT: PEM text or path of a PEM file'),
  BOUNCE_IMAP_URL: urlWithProtocol('imaps:', 'imap:')
    .refine(
      (value) => parseImapUrl(value) !== null,
      'must look like: imaps://user:password@mail.example.org/INBOX',
    )
    .optional()
    .describe('Mailbox that bounces come to, read every minute; without it none is'),
  SES_TOPIC_ARN: z
    .string()
    .regex(TOPIC_ARN, 'must look like: arn:aws:sns:eu-west-1:123456789012:bounces')
    .optional()
    .describe('SNS topic whose messages /webhooks/ses takes; without it there is no such address'),
  POSTMARK_WEBHOOK_PASSWORD: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Password that opens /webhooks/postmark; without it there is no such address'),
  MAILGUN_SIGNING_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('HTTP webhook signing key for /webhooks/mailgun; without it there is no such address'),
  SENDGRID_WEBHOOK_KEY: z
    .string()
    .refine(isSendGridKey, 'must be the verification key of the signed event webhook, in base64')
    .optional()
    .describe('Verification key for /webhooks/sendgrid; without it there is no such address'),
  DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9-]+$/i)
    .default('paperboy')
    .describe('DKIM selector'),
  DKIM_PRIVATE_KEY: z.string().optional().describe('RSA key for DKIM: PEM text or path of a PEM file'),
  SECRET_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Signs the links in mails; default made once and kept in the database'),
  ADMIN_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be one word of 16 ASCII characters or more')
    .optional()
    .describe('Opens /metrics to whoever sends it as a bearer token; without it only this machine may look'),
  DATA_DIR: z.string().min(1).default('.paperboy').describe('Where the embedded parts keep their data'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .optional()
    .describe('How much is logged; default info for server and worker, warn for npm start and commands'),
  CONTACT_EMAIL: z.email().optional().describe('Contact told to paper sources in User-Agent'),
  HF_BASE_URL: urlWithProtocol('http:', 'https:')
    .default('https://huggingface.co')
    .describe('Hugging Face Daily Papers'),
  ARXIV_BASE_URL: urlWithProtocol('http:', 'https:')
    .default('https://export.arxiv.org')
    .describe('arXiv Atom API'),
  SOURCES: z
    .string()
    .transform((text) => splitList(text))
    .pipe(z.array(z.enum(['hf', 'arxiv', 'arxiv-oai', 'arxiv-rss', 'semantic-scholar'])))
    .default(['hf', 'arxiv'])
    .describe(
      'Live sources, separated by commas: hf, arxiv (its API), arxiv-oai, arxiv-rss, semantic-scholar',
    ),
  SOURCE_EVERY: z
    .string()
    .transform((text, check) => {
      const parsed = parseIntervals(splitList(text));
      if (!('fault' in parsed)) return parsed;
      check.addIssue(parsed.fault);
      return z.NEVER;
    })
    .optional()
    .describe('How often each source is read, as name=interval, separated by commas; feed for all feeds'),
  FEEDS: z
    .string()
    .transform((text) =>
      splitList(text).map((feed) => /^([a-z][a-z0-9-]{0,24})=(https?:\/\/\S+)$/.exec(feed)),
    )
    .refine(
      (feeds) => feeds.every((feed) => feed !== null),
      'must look like: biorxiv=https://…,journal=https://…',
    )
    .refine(
      (feeds) => new Set(feeds.map((feed) => feed?.[1])).size === feeds.length,
      'must have another name for each feed',
    )
    .optional()
    .describe('RSS, Atom or JSON feeds of papers, as name=address, separated by commas'),
  ARXIV_OAI_URL: urlWithProtocol('http:', 'https:')
    .default('https://oaipmh.arxiv.org/oai')
    .describe('arXiv OAI-PMH endpoint'),
  ARXIV_OAI_SETS: z
    .string()
    .default('cs,stat')
    .describe('Sets that arxiv-oai harvests, separated by commas; all for everything'),
  ARXIV_RSS_URL: urlWithProtocol('http:', 'https:')
    .default('https://rss.arxiv.org')
    .describe('arXiv announcement feeds'),
  ARXIV_RSS_ARCHIVES: z
    .string()
    .default('cs.CL,cs.CV,cs.LG,cs.AI,cs.RO,stat.ML')
    .describe('Archives or categories that arxiv-rss reads, separated by commas'),
  SEMANTIC_SCHOLAR_URL: urlWithProtocol('http:', 'https:')
    .default('https://api.semanticscholar.org')
    .describe('Semantic Scholar API'),
  SEMANTIC_SCHOLAR_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be one word of ASCII')
    .optional()
    .describe('Key for the Semantic Scholar API; without it, it often refuses'),
  ARXIV_QUERY: z
    .string()
    .min(1)
    .default('cat:cs.CL OR cat:cs.CV OR cat:cs.LG OR cat:cs.AI OR cat:cs.RO OR cat:stat.ML')
    .describe('Which new arXiv papers to read'),
  TRUST_PROXY: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true behind a reverse proxy that sets X-Forwarded-For'),
  SUBSCRIBE_LIMIT: whole(1, 1_000_000).default(60).describe('Sign-ups a minute from one network address'),
  REFUSE_DOMAINS: z
    .string()
    .transform((text) => splitList(text))
    .optional()
    .describe(
      'Domains whose addresses may not subscribe, with their subdomains, or @path of a file of them, separated by commas',
    ),
  WORKERS: whole(1, 64)
    .optional()
    .describe('Worker processes; default one a core with npm run worker, none beside npm start'),
  PAUSE_AT_HARD_BOUNCES: percent
    .default(5)
    .describe('Share of hard bounces, in percent, above which digests stop; 100 for never'),
  PAUSE_AT_COMPLAINTS: percent
    .default(0.3)
    .describe('Share of complaints, in percent, above which digests stop; 100 for never'),
  UNKNOWN_DELIVERY: z
    .enum(['resend', 'hold'])
    .default('resend')
    .describe('What becomes of a mail that the server may have or not: sent again, or held for the operator'),
  OPERATOR_EMAIL: z
    .email()
    .optional()
    .describe('Who gets a mail when digests stop by themselves, at most one an hour'),
  OPERATOR_WEBHOOK: urlWithProtocol('http:', 'https:')
    .optional()
    .describe('Address that is told of it by POST, as JSON'),
  SEND_RATE: z
    .string()
    .transform((text, check) => parseRate(text) ?? refuse(check, 'must look like 14/s, 500/h or 20000/d'))
    .optional()
    .describe('Mails of all workers together, as 14/s, 500/h or 20000/d; without it as fast as it goes'),
  SEND_WARMUP: z
    .string()
    .transform((text, check) => parseWarmup(text) ?? refuse(check, 'must look like 2026-12-01:500'))
    .optional()
    .describe('First day (UTC) of a new sender and its mails; each day after takes twice as many'),
  SEND_WINDOW: z
    .string()
    .transform((text, check) => parseWindow(text) ?? refuse(check, 'must look like 07:00-21:00'))
    .optional()
    .describe('Hours of each day (UTC) in which digests go, as 07:00-21:00; without it at any time'),
  SEND_CONCURRENCY: whole(1, 500)
    .default(10)
    .describe('SMTP connections of one worker process to each mail server'),
});
