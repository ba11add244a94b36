/** Bytes that are no request, or only the beginning of one: the site answers with a harmless line, and hangs up. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answerUnreadable } from '../../src/http/unreadable-request.ts';
import { type Answer, useUntouchedSite } from '../support/bad-requests.ts';

const untouched = useUntouchedSite();

/** All that comes back for these bytes, until the site hangs up. */
async function overBareSocket(bytes: string): Promise<Answer> {
  const socket = connect(untouched.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(chunks)
    .toString()
    .split(/\r\n\r\n(.*)/s);
  const [first = '', ...lines] = head.split('\r\n');
  return {
    statusCode: Number(first.split(' ')[1]),
    headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/s))),
    body,
  };
}

describe('what is no request', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a line break in the address', 'GET /confirm/secret\nx HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'secret'.repeat(3000)}\r\n\r\n`, 431],
    ['an address without end', `GET /${'secret'.repeat(3000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('gets a line of text that can do no harm, and the end: %s', async (_, bytes, status) => {
    const { statusCode, headers, body } = await overBareSocket(bytes);
    expect([statusCode, body]).toEqual([status, expect.stringMatching(/^The request [a-z ]+\.\n$/)]);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      connection: 'close',
    });
    expect(body).not.toContain('secret');
  });

  /** Node looks for slow callers every half minute; here it is said at once that it found one. */
  async function failOverSocket(code: string): Promise<string> {
    const socket = connect(untouched.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const [held] = await once(untouched.site.app.server, 'connection');
    untouched.site.app.server.emit('clientError', Object.assign(new Error('broken'), { code }), held);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  }

  it('because it took too long to arrive is told so, and a caller who is gone nothing', async () => {
    expect(await failOverSocket('ERR_HTTP_REQUEST_TIMEOUT')).toMatch(/^HTTP\/1\.1 408 [\s\S]*took too long/);
    expect(await failOverSocket('ECONNRESET')).toBe('');
  });

  it('behind one that is being answered ends the answer, and adds nothing to it', async () => {
    const server = createServer((_request, response) => response.write('so far'));
    server.on('clientError', answerUnreadable).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    await once(socket, 'close');
    server.close();
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*so far\r\n$/);
  });
});
