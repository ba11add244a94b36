/** Settings whose value is a file, or may be one. What can't be used throws AppError `CONFIG_INVALID` with the variable's name. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { AppError } from './errors.ts';
import { parseDomains } from './mail/refused-domains.ts';

/** Of entries that begin with `@`, the lines of the file that is named. */
export function readDomains(entries: readonly string[]): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const entry of entries) {
    const file = entry.startsWith('@') ? entry.slice(1) : null;
    const parsed = parseDomains(
      file === null ? [entry] : readSettingFile('REFUSE_DOMAINS', file).split(/\r?\n/),
    );
    if ('fault' in parsed) {
      const where = file === null ? 'REFUSE_DOMAINS has' : `${file}, which REFUSE_DOMAINS names, has`;
      throw new AppError('CONFIG_INVALID', `${where} an entry that is no domain: ${parsed.fault}.`);
    }
    for (const domain of parsed.domains) refused.add(domain);
  }
  return refused;
}

function readSettingFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `${name} names a file that can't be read: ${path}.`, { cause });
  }
}

/** The certificate and key of the listener for bounces; null where none is set. */
export function readTls(
  cert: string | undefined,
  key: string | undefined,
): { cert: string; key: string } | null {
  if (!cert && !key) return null;
  if (!cert || !key) {
    throw new AppError('CONFIG_INVALID', 'BOUNCE_TLS_CERT and BOUNCE_TLS_KEY go together: set both.');
  }
  const tls = {
    cert: readPem('BOUNCE_TLS_CERT', cert, 'CERTIFICATE'),
    key: readPem('BOUNCE_TLS_KEY', key, 'PRIVATE KEY'),
  };
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'BOUNCE_TLS_KEY is not the key of BOUNCE_TLS_CERT.', { cause });
  }
  return tls;
}

/** PEM text as it is given, or of the file that is named. `kind` is what stands in its first line. */
export function readPem(name: string, value: string, kind: 'PRIVATE KEY' | 'CERTIFICATE'): string {
  const pem = value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : readSettingFile(name, value);
  if (!pem.includes(`${kind}-----`)) {
    const what = kind === 'CERTIFICATE' ? 'certificate' : 'private key';
    throw new AppError('CONFIG_INVALID', `${name} is not a PEM ${what}.`);
  }
  return pem;
}
