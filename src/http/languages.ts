/** The languages a reader can choose from, each by its own name. */
import { LANGUAGE_NAMES, LANGUAGES } from '../languages.ts';

export const languages = LANGUAGES.map((code) => ({ code, name: LANGUAGE_NAMES[code] }));
