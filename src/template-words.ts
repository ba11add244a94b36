/**
 * Puts messages into the source of a template, before it is compiled: `{{erase.title}}`, or with what it takes,
 * `{{judged.remove | rest: <span class="unseen">; title: paper.title}}`. What is the same for everyone costs nothing later.
 */
import type { Language } from './languages.ts';
import { MESSAGES, type MessageKey, type MessagePart, partsOf } from './messages.ts';

const MARKER = /\{\{([a-z][\w.-]*)(?: \| ([\s\S]*?))?\}\}(\n?)/gi;

/** Tags that messages may use as they are. All others are given by the template, with their attributes. */
const PLAIN_TAGS = ['b', 'code', 'cite', 'small'];

/** `clean`: what the text of a message needs where it goes. Throws for a key that is none, and for what is not given. */
export function putWords(source: string, language: Language, clean: (text: string) => string): string {
  return source.replace(MARKER, (marker, key: string, given: string | undefined, lineBreak: string) => {
    if (!(key in MESSAGES[language])) throw new Error(`templates: there is no message ${key}`);
    const parts = partsOf(language, key as MessageKey);
    const values = readValues(given ?? '');
    try {
      const words = isPlain(parts) ? toSource(parts, values, clean) : toCall(key, values);
      // A tag swallows one line break behind it, and which messages end in a tag is a matter of language.
      return words + (words.endsWith('%>') ? lineBreak.repeat(2) : lineBreak);
    } catch (cause) {
      throw new Error(`templates: ${marker} does not fit its message`, { cause });
    }
  });
}

function readValues(given: string): Map<string, string> {
  const entries = given.split(';').filter((entry) => entry.trim() !== '');
  return new Map(
    entries.map((entry) => {
      const [, name = '', value = ''] = /^\s*(\w+):\s*([\s\S]*?)\s*$/.exec(entry) ?? [];
      return [name, value];
    }),
  );
}

function isPlain(parts: readonly MessagePart[]): boolean {
  return parts.every((part) => part.kind !== 'other' && (part.kind !== 'tag' || isPlain(part.parts)));
}

function toSource(
  parts: readonly MessagePart[],
  values: ReadonlyMap<string, string>,
  clean: (text: string) => string,
): string {
  const pieces = parts.map((part) => {
    if (part.kind === 'text') return clean(part.text);
    const value = values.get(part.name);
    if (part.kind !== 'tag') return `<%= ${getGiven(value, part.name)} %>`;
    const start = PLAIN_TAGS.includes(part.name) ? `<${part.name}>` : getGiven(value, part.name);
    const [, element = ''] = /^<([a-z]+)/.exec(start) ?? [];
    return `${start}${toSource(part.parts, values, clean)}</${element}>`;
  });
  return pieces.join('');
}

function getGiven(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is not given`);
  return value;
}

/** A plural or a choice is made when the page is filled. */
function toCall(key: string, values: ReadonlyMap<string, string>): string {
  const args = [...values].map(([name, value]) => `${name}: ${value}`);
  return `<%= t('${key}', { ${args.join(', ')} }) %>`;
}
