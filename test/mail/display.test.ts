/** Every mail as it is shown: held against what mail programs support, the rules of HTML, and two browsers that know text alone. */
import { spawnSync } from 'node:child_process';
import { caniemail } from 'caniemail';
import { decodeHTML } from 'entities';
import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortTitle } from '../../src/mail/words.ts';
import { accepted } from './client-support.ts';
import { lynx, w3m } from './judges.ts';
import { type MailName, mailNames, type RealMails, writeRealMails } from './real-mails.ts';

function findUnsupported(html: string) {
  const { errors } = caniemail({ clients: ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*'], html }).issues;
  return [...errors].flatMap(([client, issues]) => issues.map(({ title }) => ({ title, client })));
}

let made: RealMails;
beforeAll(async () => {
  made = await writeRealMails();
});
afterAll(() => made.site.close());
const mail = (name: MailName) => made.mails[name];

/** All of the recommended rules but those that the web has left behind and mail programs have not. */
const rules = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    // Outlook reads conditional comments, tables with attributes, and inline style alone.
    'no-conditional-comment': 'off',
    'no-deprecated-attr': 'off',
    'no-inline-style': 'off',
    // MJML's: a lower-case doctype, and an article that is a div.
    'doctype-style': 'off',
    'prefer-native-element': 'off',
    // The subject, with a paper's title in it, as long as that is.
    'long-title': 'off',
  },
});

describe.each(mailNames)('the mail: %s', (name) => {
  it('uses nothing that Gmail, Outlook, Apple Mail or Yahoo don’t show, but for what can be done without', () => {
    const unsupported = findUnsupported(mail(name).html).filter(({ title }) => !(title in accepted));
    expect(unsupported).toEqual([]);
  });

  it('is valid HTML', async () => {
    const { results } = await rules.validateString(mail(name).html);
    const faults = results.flatMap(({ messages }) => messages);
    expect(faults.map(({ ruleId, line, message }) => `${ruleId}, line ${line}: ${message}`)).toEqual([]);
  });
});

it('has no feature on the list of accepted ones that no mail uses any more', () => {
  const used = mailNames.flatMap((name) => findUnsupported(mail(name).html));
  const titles = new Set(used.map(({ title }) => title));
  expect(Object.keys(accepted).filter((title) => !titles.has(title))).toEqual([]);
});

/** Text browsers break lines anywhere and leave out marks without a width. */
const bare = (text: string) => text.replace(/[\s\p{Cf}\p{Mn}]/gu, '');

interface TextBrowser {
  name: string;
  present: boolean;
  show(html: string): string;
}

function textBrowser(
  program: string,
  args: readonly string[],
  { present, told }: ReturnType<typeof lynx>,
): TextBrowser {
  return {
    name: `${program}${told}`,
    present,
    show: (html) => spawnSync(program, args, { input: html, encoding: 'utf8', maxBuffer: 1e8 }).stdout,
  };
}

const textBrowsers = [
  textBrowser(
    'lynx',
    '-stdin -dump -force_html -width=200 -assume_charset=utf-8 -display_charset=utf-8'.split(' '),
    lynx(),
  ),
  textBrowser(
    'w3m',
    '-dump -T text/html -I UTF-8 -O UTF-8 -cols 200 -o display_link_number=1'.split(' '),
    w3m(),
  ),
];

describe.each(textBrowsers)('$name', (browser) => {
  it.skipIf(!browser.present).each(mailNames)('shows every title and every link of the mail: %s', (name) => {
    const { html, papers } = mail(name);
    const shown = bare(browser.show(html));
    for (const { title, arxivId } of papers) {
      expect(shown).toContain(bare(shortTitle(title)));
      expect(shown).toContain(`https://arxiv.org/abs/${arxivId}`);
    }
    const links = [...html.matchAll(/ href="([^"]+)"/g)].map(([, href = '']) => decodeHTML(href));
    expect(links.length).toBeGreaterThanOrEqual(3);
    for (const link of links) expect(shown).toContain(bare(link));
  });
});

it.each(mailNames)(
  'the text part has every title and every link of the HTML but the short way to the site: %s',
  (name) => {
    const { html, text, papers } = mail(name);
    for (const { title } of papers) expect(bare(text)).toContain(bare(shortTitle(title)));
    const links = new Set([...html.matchAll(/ href="([^"]+)"/g)].map(([, href = '']) => decodeHTML(href)));
    links.delete('https://papers.example.org/');
    for (const link of links) expect(text).toContain(link);
  },
);
