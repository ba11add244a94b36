/** Holds back floods of sign-ups from one network address. Only requests that would send mail count. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

/** Throws AppError `TOO_MANY_REQUESTS`. */
export type SignUpLimit = (request: FastifyRequest) => Promise<void>;

export function createSignUpLimit(app: FastifyInstance, perMinute: number): SignUpLimit {
  const check = app.createRateLimit({ max: perMinute, timeWindow: 60_000 });
  return async (request) => {
    const result = await check(request);
    if (!result.isAllowed && result.isExceeded) {
      throw new AppError(
        'TOO_MANY_REQUESTS',
        'That was many sign-ups in a short time. Please wait a minute and try again.',
      );
    }
  };
}
