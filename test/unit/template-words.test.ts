/** Guards how messages get into templates: their text is harmless where it stands, and what they take is not forgotten. */
import { describe, expect, it } from 'vitest';
import { putWords } from '../../src/template-words.ts';

const put = (source: string, language: 'en' | 'de' = 'en') =>
  putWords(source, language, (text) => text.replaceAll('"', '&quot;'));

describe('a marker', () => {
  it('becomes the message in the language of the template', () => {
    expect(put('<h1>{{erase.title}}</h1>')).toBe('<h1>Erase everything</h1>');
    expect(put('<h1>{{erase.title}}</h1>', 'de')).toBe('<h1>Alles löschen</h1>');
  });

  it('has its text made fit for where it stands, but not its tags', () => {
    expect(put('{{form.keywordsHint}}')).toContain(
      '&quot;Quotes&quot; for words in a row, <code>-survey</code>',
    );
  });

  it('puts tags of the template around parts of the message, and leaves values to be escaped when they are known', () => {
    expect(put('{{judged.remove | rest: <span class="unseen">; title: paper.title}}')).toBe(
      'Remove<span class="unseen"> <%= paper.title %></span>',
    );
  });

  it('asks for a plural when the page is filled', () => {
    expect(put('{{count.papers | n: list.length}}')).toBe("<%= t('count.papers', { n: list.length }) %>");
  });

  it('keeps its line break, whatever the message ends with', () => {
    // The engine takes away one line break behind a tag.
    expect(put('{{digest.text.pause | url: it.url}}\nnext')).toBe('Pause:           <%= it.url %>\n\nnext');
    expect(put('{{erase.title}}\nnext')).toBe('Erase everything\nnext');
  });

  it('that names no message, or leaves out what the message takes, stops the start', () => {
    expect(() => put('{{erase.titel}}')).toThrow('no message erase.titel');
    expect(() => put('{{judged.remove | title: paper.title}}')).toThrow('{{judged.remove');
  });
});
