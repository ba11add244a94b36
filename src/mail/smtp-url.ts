/** The mail servers as an operator writes them in SMTP_URL. Pure. */
import { bareHost, isThisMachine } from './hosts.ts';

export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte; else STARTTLS where offered. */
  secure: boolean;
  credentials: { user: string; pass: string } | null;
  /** Its share of the mails, beside the weights of the others. */
  weight: number;
  /** Whether the password may go over a connection without TLS: on this machine, or where the operator says so. */
  logsInClear: boolean;
}

const MAX_WEIGHT = 100;
const DEFAULT_PORT = { secure: 465, plain: 587 };

/**
 * One server or several between commas, each `smtp://user:password@host:port`, or `smtps:` for TLS from the first byte,
 * with `?weight=` and `?insecure=1`; null for anything else. A comma in a password is %2C.
 */
export function parseSmtpServers(text: string): SmtpServer[] | null {
  const servers = text
    .trim()
    .split(/\s*,\s*(?=smtps?:\/\/)/)
    .map(parseServer);
  return servers.every((server) => server !== null) ? servers : null;
}

function parseServer(text: string): SmtpServer | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^smtps?:$/.test(url.protocol) || !/^[^,\s]+$/.test(url.hostname) || url.hash) return null;
  if (url.pathname.length > 1) return null;
  const { weight, insecure, ...unknown } = Object.fromEntries(url.searchParams);
  if (Object.keys(unknown).length > 0 || (insecure !== undefined && insecure !== '1')) return null;
  const share = weight === undefined ? 1 : Number(weight);
  if (!Number.isInteger(share) || share < 1 || share > MAX_WEIGHT) return null;
  const host = bareHost(url.hostname);
  const secure = url.protocol === 'smtps:';
  try {
    return {
      host,
      port: url.port ? Number(url.port) : secure ? DEFAULT_PORT.secure : DEFAULT_PORT.plain,
      secure,
      credentials: url.username
        ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
        : null,
      weight: share,
      logsInClear: insecure === '1' || isThisMachine(host),
    };
  } catch {
    // A % that is none.
    return null;
  }
}
