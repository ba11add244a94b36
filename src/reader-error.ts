/** Errors whose sentence a reader sees: on pages in their language, to programs in English. */
import { AppError, type AppErrorOptions } from './errors.ts';
import { type MessageArguments, type MessageKey, type Translate, translatorFor } from './messages.ts';

const english = translatorFor('en');

export function readerError(
  code: string,
  key: MessageKey,
  args: MessageArguments = {},
  options: AppErrorOptions = {},
): AppError {
  return new AppError(code, english(key, args), { ...options, words: { key, args } });
}

/** In English where the error is of a kind that only a program can cause. */
export function sentenceOf({ words, message }: AppError, t: Translate): string {
  return words ? t(words.key, words.args) : message;
}
