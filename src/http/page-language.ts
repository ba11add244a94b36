/** The language of a page that belongs to no reader: the one of ours that the browser likes best. */
import type { FastifyRequest } from 'fastify';
import { type Language, pickLanguage } from '../languages.ts';
import { type Translate, translatorFor } from '../messages.ts';

export function languageOf({ headers }: FastifyRequest): Language {
  return pickLanguage(headers['accept-language']);
}

export function translatorOf(request: FastifyRequest): Translate {
  return translatorFor(languageOf(request));
}
