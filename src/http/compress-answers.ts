/**
 * Compresses what everyone sees alike: a list of papers is a third of its size then. What belongs to one reader stays as
 * it is: in a page that holds a secret beside what someone else may have written, its length would tell of the secret.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { acceptedEncoding, type Encoding } from './accepted-encoding.ts';
import { SHARED } from './send-cacheable.ts';

/** What fits into one packet gains nothing. */
const WORTH_BYTES = 1400;
/** Of 11: beyond it, a page takes tens of milliseconds to become a little smaller. */
const BROTLI_QUALITY = 5;

/** On Node's own threads. */
const compress: Record<Encoding, (body: Buffer) => Promise<Buffer>> = {
  gzip: promisify<Buffer, Buffer>(gzip),
  br: (body) =>
    promisify<Buffer, object, Buffer>(brotliCompress)(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
};

/** After `keepAnswers`, so that an answer that is kept is compressed once. */
export function compressAnswers(app: FastifyInstance): void {
  const compressed = new WeakMap<Buffer, Partial<Record<Encoding, Promise<Buffer>>>>();

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (reply.getHeader('cache-control') !== SHARED) return payload;
    reply.header('vary', ['accept-encoding', reply.getHeader('vary')].filter(Boolean).join(', '));
    const encoding = acceptedEncoding(request);
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (!encoding || !Buffer.isBuffer(body) || body.length < WORTH_BYTES) return payload;
    const known = compressed.get(body) ?? {};
    compressed.set(body, known);
    known[encoding] ??= compress[encoding](body);
    const answer = await known[encoding];
    // The same page in another form: a mark that says so is weak.
    const etag = reply.getHeader('etag');
    if (typeof etag === 'string') reply.header('etag', `W/${etag}`);
    reply.header('content-encoding', encoding);
    return answer;
  });
}
