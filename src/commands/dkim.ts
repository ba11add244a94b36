/** The commands for the key that signs mails: make one, and show what to publish of it. */
import { generateKeyPair } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { systemClock } from '../context.ts';
import { dkimRecordName, writeDkimRecord, writeZoneLine } from '../doctor/dkim-record.ts';
import { isReservedDomain } from '../doctor/settings-checks.ts';
import { AppError } from '../errors.ts';

/** What receivers want at least, and the most that they must be able to read (RFC 8301). */
const BITS = { least: 2048, most: 4096 };

export function addDkimCommands(program: Command): void {
  const dkim = program.command('dkim').description('The key that signs mails, and its DNS record.');

  dkim
    .command('generate')
    .description('Make a key, write it to a file, and print the DNS record to publish.')
    .option('--selector <name>', 'name of the key in DNS (default: of this month, such as pb202611)')
    .option('--out <file>', 'where the private key goes; never overwritten (default: dkim-SELECTOR.pem)')
    .option('--bits <number>', `length of the key, ${BITS.least} to ${BITS.most}`, String(BITS.least))
    .action(generate);

  dkim
    .command('show')
    .description('Print the DNS record of the key that is set.')
    .action(() => {
      const { dkim: key } = loadConfig().mail;
      if (!key) {
        throw new AppError('NOT_FOUND', 'DKIM_PRIVATE_KEY is not set; `paperboy dkim generate` makes a key.');
      }
      console.log(describeRecord(key.selector, key.domain, readRecord(key.privateKey)));
    });
}

async function generate(options: { selector?: string; out?: string; bits: string }): Promise<void> {
  const { domain } = loadConfig().mail.from;
  if (isReservedDomain(domain)) {
    throw new AppError(
      'INPUT_INVALID',
      `Set MAIL_FROM first: the record belongs to its domain, now ${domain}.`,
    );
  }
  const selector = options.selector ?? `pb${systemClock().toISOString().slice(0, 7).replace('-', '')}`;
  if (!/^[a-z0-9-]{1,63}$/i.test(selector)) {
    throw new AppError('INPUT_INVALID', '--selector takes letters, digits and hyphens, 63 at most.');
  }
  const bits = Number(options.bits);
  if (!Number.isInteger(bits) || bits < BITS.least || bits > BITS.most) {
    throw new AppError('INPUT_INVALID', `--bits must be a whole number from ${BITS.least} to ${BITS.most}.`);
  }
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const path = resolve(options.out ?? `dkim-${selector}.pem`);
  await writeKey(path, pem);
  console.log(
    `The private key is in ${path}; keep it secret.\n\n` +
      `${describeRecord(selector, domain, writeDkimRecord(pem))}\n\n${describeSettings(selector, path)}`,
  );
}

async function writeKey(path: string, pem: string): Promise<void> {
  await writeFile(path, pem, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const message =
      cause.code === 'EEXIST'
        ? `${path} is there already and stays as it is; choose another --out or --selector.`
        : `${path} can't be written (${cause.code ?? cause.message}).`;
    throw new AppError('FILE_UNWRITABLE', message, { cause });
  });
}

function readRecord(pem: string): string {
  try {
    return writeDkimRecord(pem);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'DKIM_PRIVATE_KEY is not a key that can be read.', { cause });
  }
}

function describeRecord(selector: string, domain: string, value: string): string {
  const name = dkimRecordName(selector, domain);
  return `Publish this TXT record:

  name   ${name}
  value  ${value}

The same as a line of a zone file, in strings of 255 characters at most:

${writeZoneLine(name, value)}`;
}

function describeSettings(selector: string, path: string): string {
  return `Once it is published (paperboy doctor tells), set and restart:

DKIM_PRIVATE_KEY=${path}
DKIM_SELECTOR=${selector}

To change keys, make a new one under a new selector and publish its record. Wait an hour or two until
everybody can see it, change both settings and restart. Keep the old record for a week, as mails on
their way are signed with it; then take it out.`;
}
