/** A mail server that misbehaves by the domain of the recipient, on real sockets, and notes what it took. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What it does with one mail; `take` ends well. */
export type Answer =
  | { at: 'rcpt' | 'data'; reply: string }
  /** Hangs up: asked for the recipient, or with the whole mail in hand, taken (`lost`) or not. */
  | { at: 'rcpt' | 'data'; hangUp: true; lost?: true }
  /** Says nothing until `release` is called. */
  | { at: 'rcpt'; stall: true }
  | { at: 'take' };

export interface HostileReceiver {
  url: string;
  /** Recipients whose mail it took, in order. */
  taken: string[];
  /** Lets all that it keeps waiting go on. */
  release(): void;
  /** How many it keeps waiting. */
  stalled(): number;
  close(): Promise<void>;
}

/**
 * `decide` is asked for each try of each recipient. `hangsUpAfter`: mails after which a connection gets a 421;
 * `greetsAfterMs`: before each greeting; `thinksMs`: from having a mail to saying so. After RSET every connection ends.
 */
export async function startHostileReceiver(
  decide: (recipient: string, attempt: number) => Answer,
  { hangsUpAfter = Number.POSITIVE_INFINITY, greetsAfterMs = 0, thinksMs = 0 } = {},
): Promise<HostileReceiver> {
  const taken: string[] = [];
  const attempts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] = [];

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    setTimeout(() => socket.write('220 hostile.example ESMTP\r\n'), greetsAfterMs);
    let recipient = '';
    let answer: Answer = { at: 'take' };
    let inData = false;
    let mails = 0;
    let buffered = '';

    const say = (line: string) => socket.write(`${line}\r\n`);
    const act = (stage: 'rcpt' | 'data', otherwise: string) => {
      if (answer.at !== stage) return say(otherwise);
      if ('reply' in answer) return say(answer.reply);
      if ('hangUp' in answer) {
        if (answer.lost) taken.push(recipient);
        return socket.destroy();
      }
      waiting.push(() => say('250 after all'));
    };
    const command = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') return say('250 hostile.example');
      if (verb === 'MAIL') {
        if (mails < hangsUpAfter) return say('250 ok');
        return socket.end('421 4.7.0 enough for one connection\r\n');
      }
      if (verb === 'RCPT') {
        recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
        const attempt = (attempts.get(recipient) ?? 0) + 1;
        attempts.set(recipient, attempt);
        answer = decide(recipient, attempt);
        return act('rcpt', '250 ok');
      }
      if (verb === 'DATA') {
        inData = true;
        return say('354 go on');
      }
      if (verb === 'RSET') return socket.end('250 ok\r\n');
      if (verb === 'QUIT') return socket.end('221 bye\r\n');
      say('500 what');
    };
    const whole = () => {
      inData = false;
      mails++;
      if (answer.at === 'take' || answer.at === 'rcpt') {
        taken.push(recipient);
        if (thinksMs > 0) setTimeout(say, thinksMs, '250 taken');
        else say('250 taken');
        return;
      }
      act('data', '');
    };
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (;;) {
        const end = inData ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
        if (end < 0) return;
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? 5 : 2));
        if (inData) whole();
        else command(line);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    stalled: () => waiting.length,
    release() {
      for (const goOn of waiting) goOn();
      waiting = [];
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
