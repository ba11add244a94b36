/** The templates ready to be filled, views made to break out of them, and what betrays that a page forgot to name a language. */
import { beforeAll, inject } from 'vitest';
import { sampleMails } from '../../src/template-samples.ts';
import { loadTemplates, type Templates } from '../../src/templates.ts';

export const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
export const hostilePaper = {
  ...sampleMails.digest.papers[0],
  id: 1,
  rank: 1,
  group: hostile,
  title: `${hostile}\nUnsubscribe: https://evil.example`,
  authors: hostile,
  published: hostile,
  venue: hostile,
  categories: [hostile],
  summary: hostile,
  reasons: [hostile],
  abstractUrl: `https://example.org/"onmouseover="alert(3)`,
  pdfUrl: `https://example.org/?a=1&b=2`,
  codeUrl: null,
};
export const hostileDigest = {
  ...sampleMails.digest,
  subject: hostile,
  preheader: hostile,
  papers: [hostilePaper],
  groups: [hostile],
  alsoTrending: [{ title: hostilePaper.title, votes: hostile, url: hostilePaper.abstractUrl }],
};

const { papers, alsoTrending } = sampleMails.digest;
const english = [
  ...papers.flatMap(({ title, summary }) => [title, summary]),
  ...alsoTrending.map(({ title }) => title),
];
/** English words of papers that stand in no element which says so; a sentence of ours may name a title. */
export function outsideEnglish(html: string): string[] {
  const rest = html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<(\w+)[^>]*\slang="en"[^>]*>.*?<\/\1>/gs, '')
    .replace(/<p class="why".*?<\/p>|<span class="unseen">.*?<\/span>/gs, '');
  return english.filter((words) => rest.includes(words));
}

/** Loaded once for all tests of a file. */
export function useTemplates() {
  let templates: Templates;
  beforeAll(async () => {
    templates = await loadTemplates(inject('compiledMailsIn'));
  });
  return {
    get templates() {
      return templates;
    },
  };
}
