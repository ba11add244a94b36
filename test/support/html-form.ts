/** What a browser would send if the first form of a page that posts were submitted untouched: its values, ticks and choices. */
import { decodeHTML } from 'entities';

export type FormValues = Record<string, string[]>;

/** All its named fields, in their order; unticked boxes, options not chosen and files, which are none, are left out. */
export function readForm(page: string): FormValues {
  // The search field of the header is a form too, and sends nothing.
  const form = page.search(/<form\b[^>]*method="post"/);
  const html = page.slice(form, page.indexOf('</form>', form));
  const values: FormValues = {};
  const add = (name: string, value: string) => {
    values[name] = [...(values[name] ?? []), value];
  };
  for (const [field, inner = ''] of html.matchAll(/<input\b[^>]*>|<select\b[^>]*>([\s\S]*?)<\/select>/g)) {
    const { name, value = '', type, checked } = attributes(field);
    if (name === undefined || type === 'file') continue;
    if (field.startsWith('<select')) {
      for (const [, option = '', text = ''] of inner.matchAll(/(<option\b[^>]*>)([^<]*)/g)) {
        const chosen = attributes(option);
        if (chosen.selected !== undefined) add(name, chosen.value ?? decodeHTML(text));
      }
    } else if ((type !== 'checkbox' && type !== 'radio') || checked !== undefined) {
      add(name, value);
    }
  }
  return values;
}

/** Of the first tag in `html`; an attribute without a value is ''. */
function attributes(html: string): Partial<Record<string, string>> {
  const tag = html.slice(0, html.indexOf('>'));
  const found = tag.matchAll(/\s([a-z-]+)(?:="([^"]*)")?/gi);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, decodeHTML(value)]));
}
