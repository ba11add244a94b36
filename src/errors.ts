/** The one error class: a stable code that callers switch on, a sentence for people, and whether trying again can help. */
import type { Message } from './messages.ts';

export interface AppErrorOptions {
  cause?: unknown;
  /** True where the same call may succeed later (a 4xx from a mail server, a network fault). */
  retry?: boolean;
  /** The input field at fault, where there is one. */
  field?: string;
  /** What the message says, for readers of other languages: see `reader-error.ts`. */
  words?: Message;
}

/** The code is the contract; the message may change. */
export class AppError extends Error {
  readonly code: string;
  readonly retry: boolean;
  readonly field: string | undefined;
  readonly words: Message | undefined;

  constructor(code: string, message: string, { cause, retry = false, field, words }: AppErrorOptions = {}) {
    super(message, { cause });
    this.name = 'AppError';
    this.code = code;
    this.retry = retry;
    this.field = field;
    this.words = words;
  }
}

/**
 * What an error of any kind says, fit for logs and queues. A failed query's own message quotes the values it was given,
 * addresses among them, so what the database said of it stands in for it.
 */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message.startsWith('Failed query')
    ? error.cause.message
    : error.message;
}

/** Where it happened, without the message. */
export function stackOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}
