/** A small IMAP server on loopback with one folder, INBOX: as much of RFC 3501 as a client needs to read and mark messages. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface ImapServer {
  /** With the user and the password that it takes. */
  url: string;
  /** In the order of the folder. */
  messages: { uid: number; raw: Buffer; flags: Set<string> }[];
  add(raw: Uint8Array | string): number;
  /** Every command after the login, as it came, without its tag. */
  commands: string[];
  /** How many connections there were. */
  connections(): number;
  /** Connections end at the first command that matches; null takes that back. */
  breakAt(pattern: RegExp | null): void;
  close(): Promise<void>;
}

const USER = 'bounces@example.org';
const PASSWORD = 'a password: "quoted"';
const FLAGS = String.raw`\Answered \Flagged \Deleted \Seen \Draft`;

/** `keywords`: whether it keeps flags of our own. `readOnly`: whether it keeps none at all. */
export async function startImapServer({ keywords = true, readOnly = false } = {}): Promise<ImapServer> {
  const messages: ImapServer['messages'] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let breaking: RegExp | null = null;

  /** The lines that answer a command; the last is its outcome, without the tag. */
  function answer(command: string): (string | Buffer)[] {
    const [, name = '', rest = ''] = /^(UID \S+|\S+) ?(.*)$/is.exec(command) ?? [];
    switch (name.toUpperCase()) {
      case 'CAPABILITY':
        return ['* CAPABILITY IMAP4rev1', 'OK done'];
      case 'LOGIN':
        return [rest === `"${USER}" "${PASSWORD.replaceAll('"', '\\"')}"` ? 'OK in' : 'NO wrong password'];
      case 'LIST':
      case 'LSUB':
        return [`* ${name} () "/" INBOX`, 'OK done'];
      case 'SELECT':
        if (!/^"?INBOX"?$/i.test(rest)) return ['NO no such folder'];
        return [
          `* FLAGS (${FLAGS})`,
          `* ${messages.length} EXISTS`,
          '* 0 RECENT',
          `* OK [PERMANENTFLAGS (${FLAGS}${keywords ? String.raw` \*` : ''})] kept`,
          '* OK [UIDVALIDITY 1] valid',
          `* OK [UIDNEXT ${(messages.at(-1)?.uid ?? 0) + 1}] next`,
          'OK [READ-WRITE] open',
        ];
      case 'UID SEARCH': {
        const unseen = messages.filter(({ flags }) => !flags.has('\\Seen'));
        return [['* SEARCH', ...unseen.map(({ uid }) => uid)].join(' '), 'OK done'];
      }
      case 'UID FETCH': {
        const [, uid, start = '0', length = '99999999'] =
          /^(\d+) \(.*BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?.*\)$/i.exec(rest) ?? [];
        const at = messages.findIndex((message) => message.uid === Number(uid));
        const message = messages[at];
        if (!message) return ['OK nothing'];
        const part = message.raw.subarray(Number(start), Number(start) + Number(length));
        const where = rest.includes('<') ? `<${start}>` : '';
        return [
          Buffer.concat([
            Buffer.from(`* ${at + 1} FETCH (UID ${uid} BODY[]${where} {${part.length}}\r\n`),
            part,
            Buffer.from(')'),
          ]),
          'OK done',
        ];
      }
      case 'UID STORE': {
        if (readOnly) return ['NO not here'];
        const [, uid, flags = ''] = /^(\d+) \+FLAGS(?:\.SILENT)? \((.*)\)$/i.exec(rest) ?? [];
        const message = messages.find((one) => one.uid === Number(uid));
        for (const flag of flags.split(' ')) message?.flags.add(flag);
        return [message ? 'OK done' : 'BAD what?'];
      }
      case 'LOGOUT':
        return ['* BYE', 'OK done'];
      default:
        return ['BAD unknown'];
    }
  }

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.write('* OK ready\r\n');
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const [, tag = '', command = ''] = /^(\S+) (.*)$/s.exec(pending.slice(0, end)) ?? [];
        pending = pending.slice(end + 2);
        if (!/^LOGIN /i.test(command)) commands.push(command);
        if (breaking?.test(command)) return socket.destroy();
        const lines = answer(command);
        for (const [at, line] of lines.entries()) {
          socket.write(at === lines.length - 1 ? `${tag} ${line}` : line);
          socket.write('\r\n');
        }
        if (/^LOGOUT/i.test(command)) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `imap://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/INBOX`,
    messages,
    add(raw) {
      const uid = (messages.at(-1)?.uid ?? 0) + 3;
      messages.push({ uid, raw: Buffer.from(raw), flags: new Set() });
      return uid;
    },
    commands,
    connections: () => connections,
    breakAt(pattern) {
      breaking = pattern;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
