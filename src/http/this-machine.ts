/** Whether a request was made on the machine that Paperboy runs on, for what nobody else may see. */
import type { FastifyRequest } from 'fastify';

/** The other end of the connection, not what a header claims; and nothing that came through a proxy. */
export function fromThisMachine(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
  return (
    isLoopback && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined
  );
}
