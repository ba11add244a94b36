/** Forms that may bring a file: what of them is taken, and read as other forms are. */
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { MessageKey } from '../messages.ts';
import { readerError } from '../reader-error.ts';
import { asForm, type FormBody } from './form.ts';

/** Some 5,000 entries without abstracts, read in two seconds or so, with room for others in between. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Of all fields together, as much as a form without a file may have. */
const MAX_TEXT_BYTES = 100 * 1024;
/** A tick in each box, and the other fields. */
const MAX_FIELDS = 300;

interface UploadedFile {
  name: string;
  bytes: Buffer;
}

export interface Upload {
  body: FormBody;
  file: UploadedFile | null;
  /** What is wrong with the file. */
  fault: MessageKey | null;
}

/** Routes that take files are added in a scope of their own: no other route takes any. */
export function withUploads(app: FastifyInstance, addRoutes: (scope: FastifyInstance) => void): void {
  app.register(async (scope) => {
    await scope.register(multipart, {
      // Told beside the form, with what was typed.
      throwFileSizeLimit: false,
      limits: {
        fileSize: MAX_FILE_BYTES,
        files: 1,
        fieldNameSize: 100,
        fieldSize: MAX_TEXT_BYTES,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        headerPairs: 20,
      },
    });
    addRoutes(scope);
  });
}

/** A form that came without a file may be of either kind. Throws AppError `INPUT_INVALID`, `TOO_LARGE`. */
export async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart()) return { body: asForm(request.body), file: null, fault: null };
  return readParts(request).catch(refuse);
}

async function readParts(request: FastifyRequest): Promise<Upload> {
  const fields = new Map<string, string[]>();
  let textBytes = 0;
  let file: UploadedFile | null = null;
  let fault: MessageKey | null = null;
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const chunks: Buffer[] = [];
      for await (const chunk of part.file) chunks.push(chunk);
      if (part.file.truncated) fault = 'fault.fileTooLarge';
      // A browser sends a field without a file as an empty one.
      else if (chunks.length > 0) file = { name: nameOf(part.filename), bytes: Buffer.concat(chunks) };
    } else {
      const value = String(part.value);
      textBytes += Buffer.byteLength(value);
      if (part.valueTruncated || textBytes > MAX_TEXT_BYTES)
        throw readerError('TOO_LARGE', 'error.tooMuchText');
      fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), value]);
    }
  }
  return { body: Object.fromEntries(fields), file, fault };
}

/** As a page shows it: the last part of a path, on one line. */
function nameOf(typed: string | undefined): string {
  const name = (typed ?? '').split(/[\\/]/).at(-1) ?? '';
  return (
    name
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, 100) || 'The file'
  );
}

/** The parser says with a status what is too much; what it can't read at all it throws as it comes. */
function refuse(error: unknown): never {
  if (error instanceof Error && ('statusCode' in error || error instanceof AppError)) throw error;
  throw readerError('INPUT_INVALID', 'error.upload', {}, { cause: error });
}
