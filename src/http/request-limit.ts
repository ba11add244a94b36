/** Holds back floods from one network address: of sign-ups, of uploads. Only requests that would cost something count. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

/** Throws AppError `TOO_MANY_REQUESTS`. */
export type RequestLimit = (request: FastifyRequest) => Promise<void>;

/** `what` in the plural: "sign-ups". */
export function createRequestLimit(app: FastifyInstance, perMinute: number, what: string): RequestLimit {
  const check = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  return async (request) => {
    const result = await check(request);
    if (!result.isAllowed && result.isExceeded) {
      throw new AppError(
        'TOO_MANY_REQUESTS',
        `That was many ${what} in a short time. Please wait a minute and try again.`,
      );
    }
  };
}
