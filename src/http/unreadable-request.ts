/** The answer to what is no HTTP request or too long or slow for one: Node gives up on it before Fastify sees anything. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type MessageKey, translatorFor } from '../messages.ts';

/** Of answers that come before helmet sets the same and more. */
export const HEADERS_WITHOUT_PLUGINS = {
  'content-security-policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

type Sentence = { status: 400 | 408 | 431; key: MessageKey };

const BY_CODE: Record<string, Sentence> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, key: 'error.408' },
  HPE_HEADER_OVERFLOW: { status: 431, key: 'error.431' },
};

/** Says in a line what was wrong, and hangs up: where such a request ends and the next begins, nobody knows. */
export function answerUnreadable(error: { code?: string }, socket: Socket): void {
  // A caller who is gone hears nothing; one in the middle of an answer would take this for a part of it.
  if (error.code !== 'ECONNRESET' && socket.writable && !isAnswering(socket)) {
    socket.write(write(error.code));
  }
  // At once, as a caller who never reads would keep the connection; what is this short is with the system by now.
  socket.destroy();
}

function write(code: string | undefined): string {
  const { status, key } = BY_CODE[code ?? ''] ?? { status: 400, key: 'error.400' };
  const body = `${translatorFor('en')(key)}\n`;
  const headers = {
    ...HEADERS_WITHOUT_PLUGINS,
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

/** As Node asks it of itself where nobody else answers. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent ?? false;
}
