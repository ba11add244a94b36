/** The text of a bibliography, whatever it is packed and encoded in, up to a size that fits in memory. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../errors.ts';

/** Unpacked. A bibliography of 50 MB has some 30,000 entries with abstracts. */
const MAX_BYTES = 50_000_000;

/**
 * From a path (`.gz` is unpacked on the way) or from pieces, with `\n` line ends and nothing that a database refuses.
 * Throws `FILE_UNREADABLE` or `SOURCE_TOO_LARGE`.
 */
export async function readBibtexText(
  input: string | AsyncIterable<string> | Iterable<string>,
): Promise<string> {
  let text = '';
  if (typeof input === 'string') text = decodeBibtex(await readBytes(input));
  else {
    for await (const piece of input) {
      text += piece;
      if (text.length > MAX_BYTES) throw tooLarge();
    }
  }
  // Databases refuse NUL and lone surrogates, and keys and identifiers go there as they are.
  return text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])[\ufeff\p{Cc}\p{Cs}]/gu, '');
}

async function readBytes(path: string): Promise<Buffer> {
  const file = createReadStream(path);
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe doesn't hand on errors, and a missing file must not leave the reader waiting.
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > MAX_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('FILE_UNREADABLE', `${path} could not be read: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    file.destroy();
  }
  return Buffer.concat(chunks);
}

function tooLarge(): AppError {
  return new AppError('SOURCE_TOO_LARGE', `The bibliography has more than ${MAX_BYTES / 1e6} MB.`);
}

/** Lists grown over the years mix encodings, so a line that isn't UTF-8 is read as Latin-1 alone. */
export function decodeBibtex(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  const strict = new TextDecoder('utf-8', { fatal: true });
  try {
    return strict.decode(bytes);
  } catch {
    const latin1 = new TextDecoder('windows-1252');
    const lines: string[] = [];
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(0x0a, from);
      const line = bytes.subarray(from, end < 0 ? bytes.length : end + 1);
      try {
        lines.push(strict.decode(line));
      } catch {
        lines.push(latin1.decode(line));
      }
      from += line.length;
    }
    return lines.join('');
  }
}
