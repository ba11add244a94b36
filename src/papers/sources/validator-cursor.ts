/** The cursor of sources that have only one page: what they called the version of it that was kept last. */
import { z } from 'zod';
import type { Validators } from './get-text.ts';

/** Visible ASCII alone: what came from a header and a database goes back into a header. */
const validator = z
  .string()
  .max(500)
  .regex(/^[\x20-\x7e]+$/)
  .nullable()
  .catch(null);
const cursorSchema = z.object({ url: z.string(), etag: validator, lastModified: validator });

/** The validators as a page's cursor. They belong to one address, so that a changed feed is read from the start. */
export function validatorCursor(url: string, { etag, lastModified }: Validators): string {
  return JSON.stringify(cursorSchema.parse({ url, etag, lastModified }));
}

/** What `validatorCursor` wrote for the same address; none for another address or an unreadable cursor. */
export function readValidatorCursor(url: string, cursor: string | null | undefined): Validators {
  const none = { etag: null, lastModified: null };
  if (!cursor) return none;
  try {
    const found = cursorSchema.parse(JSON.parse(cursor));
    return found.url === url ? { etag: found.etag, lastModified: found.lastModified } : none;
  } catch {
    return none;
  }
}
