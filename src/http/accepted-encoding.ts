/** Which of our two codings a browser takes; the smaller first. */
import type { FastifyRequest } from 'fastify';

export type Encoding = 'br' | 'gzip';

/** Null: as it is. Programs that ask for nothing or refuse a coding by `q=0` get it so. */
export function acceptedEncoding({ headers }: FastifyRequest): Encoding | null {
  const accepted = String(headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => /^\s*(br|gzip)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(part))
    .flatMap((match) => (match && Number(match[2] ?? 1) > 0 ? [match[1]] : []));
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : null;
}
