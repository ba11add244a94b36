/** Structured logs: one JSON line per event, never an address, a token or a body. */
import { type Logger, pino } from 'pino';

export type { Logger };

/** `destination` is for tests that read the lines; by default they go to standard error, which leaves standard output to answers. */
export function createLogger(level: string, destination?: NodeJS.WritableStream): Logger {
  return pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
