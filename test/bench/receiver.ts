/** A mail server that takes everything and keeps nothing, in a process of its own: Postfix's smtp-sink, or one of ours. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../support/free-port.ts';

export interface Receiver {
  port: number;
  what: string;
  close(): Promise<void>;
}

const isInstalled = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export async function startReceiver(): Promise<Receiver> {
  const port = await freePort();
  const bySink = isInstalled('smtp-sink');
  // Run by root, it wants another user to be.
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = bySink
    ? spawn('smtp-sink', [...asUser, `127.0.0.1:${port}`, '1000'], { stdio: 'ignore' })
    : spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'receiver.ts'), String(port)], {
        stdio: 'ignore',
      });
  await answers(port, child);
  return {
    port,
    what: bySink ? 'smtp-sink' : "a server on Node, as Postfix's smtp-sink is not installed",
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Ms that smtp-source, a sender in C with ten connections, takes for `count` messages; null where it is not installed. */
export async function sendWithoutNode(port: number, count: number, bytes: number): Promise<number | null> {
  if (!isInstalled('smtp-source')) return null;
  const startedAt = performance.now();
  const args = ['-s', '10', '-m', String(count), '-l', String(bytes), `127.0.0.1:${port}`];
  await promisify(execFile)('smtp-source', args);
  return performance.now() - startedAt;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('the receiver does not start');
    const socket = connect(port, '127.0.0.1');
    const isUp = await Promise.race([
      once(socket, 'data').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const ownPort = process.argv[1] === import.meta.filename ? Number(process.argv[2]) : null;
if (ownPort) {
  new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, callback) {
      stream.resume();
      stream.on('end', () => callback());
    },
  }).listen(ownPort, '127.0.0.1');
}
