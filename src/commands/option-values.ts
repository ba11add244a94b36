/** What options of several commands hold: lists between commas, and files of papers that someone likes. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import type { TakenBibliography } from '../papers/bibliography.ts';
import { countOf } from './with-context.ts';

/** "a, b" as a list, without what is empty. */
export function splitList(text: string | undefined, separator: string): string[] {
  return (text ?? '')
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Throws AppError `FILE_UNREADABLE`. */
export function readBibliographyFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new AppError('FILE_UNREADABLE', `There is no file ${path} that can be read.`, { cause });
  });
}

export function describeBibliography(
  path: string,
  papers: number,
  { skipped, leftOut }: Pick<TakenBibliography, 'skipped' | 'leftOut'>,
): string {
  return `${countOf(papers, 'paper')} from ${path}, ${skipped.length} skipped, ${leftOut} left out for being too many.`;
}

export function describeNotKnown(ids: readonly string[]): string {
  return `Not known here yet, so left out: ${ids.join(', ')}.`;
}
