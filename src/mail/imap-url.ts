/** The address of a mailbox, as an operator writes it. Pure. */

export interface ImapMailbox {
  host: string;
  port: number;
  /** TLS from the first byte; else STARTTLS, which only this machine may do without. */
  secure: boolean;
  user: string;
  password: string;
  folder: string;
}

/** `imaps://user:password@host[:port][/folder]`, with what is special in a URL written as %40; null for anything else. */
export function parseImapUrl(text: string): ImapMailbox | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url?.hostname || !/^imaps?:$/.test(url.protocol) || url.search || url.hash) return null;
  const secure = url.protocol === 'imaps:';
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    const folder = decodeURIComponent(url.pathname.slice(1)) || 'INBOX';
    if (!user || !password) return null;
    return {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port ? Number(url.port) : secure ? 993 : 143,
      secure,
      user,
      password,
      folder,
    };
  } catch {
    // A % that is none.
    return null;
  }
}
