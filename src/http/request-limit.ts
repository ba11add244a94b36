/** Holds back floods from one network address: of sign-ups, of uploads. Only requests that would cost something count. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readerError } from '../reader-error.ts';

/** As the message has them. */
type Limited =
  | 'signUps'
  | 'previews'
  | 'uploads'
  | 'searches'
  | 'downloads'
  | 'addressChanges'
  | 'refusedReports';

/** Throws AppError `TOO_MANY_REQUESTS`. */
export type RequestLimit = (request: FastifyRequest) => Promise<void>;

export function createRequestLimit(app: FastifyInstance, perMinute: number, what: Limited): RequestLimit {
  const check = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  return async (request) => {
    const result = await check(request);
    if (!result.isAllowed && result.isExceeded) {
      throw readerError('TOO_MANY_REQUESTS', 'error.limited', { what });
    }
  };
}
