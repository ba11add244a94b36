/** Guards what readers see: the mails word for word, hostile paper text made harmless, and no template left broken. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { wordReasons } from '../../src/mail/reason-words.ts';
import { frequencySentence, longDate, shortDate } from '../../src/mail/words.ts';
import { translatorFor } from '../../src/messages.ts';
import { projectRoot } from '../../src/project-root.ts';
import { sampleMails, samplePages } from '../../src/template-samples.ts';
import type { PageName, PageViews } from '../../src/template-views.ts';
import { loadTemplates, type Templates, wrapText } from '../../src/templates.ts';

const pageNames = Object.keys(samplePages) as PageName[];
let templates: Templates;
beforeAll(async () => {
  templates = await loadTemplates(inject('compiledMailsIn'));
});

const golden = (file: string) => `../fixtures/golden/${file}`;
const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
const hostilePaper = {
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
const hostileDigest = {
  ...sampleMails.digest,
  subject: hostile,
  preheader: hostile,
  papers: [hostilePaper],
  groups: [hostile],
  alsoTrending: [{ title: hostilePaper.title, votes: hostile, url: hostilePaper.abstractUrl }],
};

const germanReasons = [
  [
    { kind: 'topic', slug: 'ai-agents', name: 'AI agents' },
    { kind: 'trending', upvotes: 58, comments: 2, githubStars: null, hours: 9 },
    { kind: 'liked', paperId: 7, title: 'OpenVLA' },
  ],
  [{ kind: 'related', to: 'robots', words: ['gripper', 'slip'] }],
  [{ kind: 'author', name: 'Ziyu Ma' }],
  [{ kind: 'category', category: 'cs.LG', topic: 'Machine Learning (cs.LG)' }],
  [{ kind: 'trending', upvotes: null, comments: null, githubStars: null, hours: 72 }],
].map((reasons) => wordReasons(reasons, translatorFor('de')));

function render<N extends PageName>(name: N): string {
  return templates.page(name, samplePages[name]);
}

describe('mails', () => {
  it('are, word for word, what was last approved', async () => {
    const mails = {
      digest: templates.digest(sampleMails.digest),
      'weekly-digest': templates.digest(sampleMails.weeklyDigest),
      confirm: templates.confirm(sampleMails.confirm),
      'already-subscribed': templates.alreadySubscribed(sampleMails.alreadySubscribed),
      'new-address': templates.newAddress(sampleMails.newAddress),
    };
    for (const [name, mail] of Object.entries(mails)) {
      await expect(mail.html).toMatchFileSnapshot(golden(`${name}.html`));
      await expect(mail.text).toMatchFileSnapshot(golden(`${name}.txt`));
    }
  });

  it('in German are, word for word, what was last approved', async () => {
    const t = translatorFor('de');
    const at = new Date('2026-08-04T06:00:00Z');
    const digest = templates.digest({
      ...sampleMails.digest,
      language: 'de',
      subject: t('digest.subject', { title: 'From RLVR to RLSVR', n: 4 }),
      editionLabel: longDate(at, 'Europe/Berlin', t),
      intro: t('digest.today', { n: 5, grouped: 'no' }),
      papers: sampleMails.digest.papers.map((paper, i) => ({
        ...paper,
        published: shortDate(at, t),
        reasons: germanReasons[i] ?? [],
      })),
    });
    const confirm = templates.confirm({
      ...sampleMails.confirm,
      language: 'de',
      frequencySentence: frequencySentence(
        { frequency: 'daily', weekdays: [1, 3], hour: 8, timezone: 'Europe/Berlin' },
        t,
      ),
      expiresIn: t('time.days', { n: 7 }),
    });
    for (const [name, mail] of Object.entries({ digest, confirm })) {
      expect(mail.html).toMatch(/<html lang="de"/);
      expect(outsideEnglish(mail.html)).toEqual([]);
      await expect(mail.html).toMatchFileSnapshot(golden(`${name}.de.html`));
      await expect(mail.text).toMatchFileSnapshot(golden(`${name}.de.txt`));
    }
  });

  it('escape everything a paper brings along, in text and in attributes', () => {
    const { html } = templates.digest(hostileDigest);
    expect(html).not.toMatch(/<script|<img|"onmouseover="/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('href="https://example.org/?a=1&amp;b=2"');
    // Outside quotes, a space in a value would start an attribute.
    expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<[a-z][^>]*=[^"]/);
  });

  it('do not let a line break in a title forge a line of the plain text', () => {
    const { text } = templates.digest(hostileDigest);
    expect(text.split('\n').filter((line) => line.startsWith('Unsubscribe:'))).toEqual([
      `Unsubscribe:     ${sampleMails.digest.links.unsubscribe}`,
    ]);
    expect(text).toContain(`<script>alert(1)</script>"'>`);
  });

  it('stay under 102 KB with 20 long papers, where Gmail would cut them', () => {
    const [first] = sampleMails.digest.papers;
    const papers = Array.from({ length: 20 }, (_, i) => ({
      ...first,
      ...hostilePaper,
      group: null,
      title: first?.title ?? '',
      summary: 'word '.repeat(120),
      rank: i + 1,
    }));
    const size = Buffer.byteLength(templates.digest({ ...sampleMails.digest, papers }).html);
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThan(102_000);
  });

  it('keep plain text within 72 columns, links excepted', () => {
    const texts = [
      templates.digest(sampleMails.digest),
      templates.digest(sampleMails.weeklyDigest),
      templates.confirm(sampleMails.confirm),
      templates.alreadySubscribed(sampleMails.alreadySubscribed),
      templates.newAddress(sampleMails.newAddress),
    ].map(({ text }) => text);
    const long = texts
      .join('\n')
      .split('\n')
      .filter((line) => line.length > 72 && !/https?:/.test(line));
    expect(long).toEqual([]);
  });

  it('carry what every message must: language, dark colours, preheader, the ways out, who sent it', () => {
    const { html, text } = templates.digest(sampleMails.digest);
    const { preferences, pause, unsubscribe, web } = sampleMails.digest.links;
    for (const url of [preferences, pause, unsubscribe, web]) {
      expect(html).toContain(`href="${url}"`);
      expect(text).toContain(url);
    }
    expect(html).toMatch(/<html lang="en"/);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain(sampleMails.digest.preheader);
    expect(html).toContain(sampleMails.digest.sender.postalAddress);
    expect(html).not.toMatch(/<img|src=/);
  });
});

const { papers, alsoTrending } = sampleMails.digest;
const english = [
  ...papers.flatMap(({ title, summary }) => [title, summary]),
  ...alsoTrending.map(({ title }) => title),
];
/** English words of papers that stand in no element which says so; a sentence of ours may name a title. */
function outsideEnglish(html: string): string[] {
  const rest = html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<(\w+)[^>]*\slang="en"[^>]*>.*?<\/\1>/gs, '')
    .replace(/<p class="why".*?<\/p>|<span class="unseen">.*?<\/span>/gs, '');
  return english.filter((words) => rest.includes(words));
}

describe('pages', () => {
  it.each(pageNames)('%s renders its sample whole', (name) => {
    const html = render(name);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/<title>[^<]+ · Paperboy<\/title>/);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.trimEnd()).toMatch(/<\/html>$/);
    expect(html).not.toMatch(/undefined|\[object|@@|<%/);
  });

  it.each(pageNames)('%s has no inline style or script, which its security policy would refuse', (name) => {
    expect(render(name)).not.toMatch(/\sstyle=|\son[a-z]+=|<style|<script(?![^>]*src=")/);
  });

  it('behind a signed link are neither indexed nor leak it to other sites', () => {
    for (const name of ['confirm', 'preferences', 'pause', 'unsubscribe', 'digest'] as const) {
      expect(render(name)).toContain('<meta name="robots" content="noindex, nofollow">');
      expect(render(name)).toContain('<meta name="referrer" content="no-referrer">');
    }
    expect(render('landing')).not.toContain('noindex');
  });

  it.each(pageNames)('%s says in German what language papers are in', (name) => {
    const html = templates.page(name, { ...samplePages[name], language: 'de' } as PageViews[typeof name]);
    expect(outsideEnglish(html)).toEqual([]);
  });

  it('act through a POST only', () => {
    for (const name of pageNames) {
      for (const form of render(name).match(/<form[^>]*>/g) ?? []) {
        // To search changes nothing, and its address may be kept.
        expect(form).toContain(/action="\/search"/.test(form) ? 'method="get"' : 'method="post"');
      }
    }
  });

  it('give back what was typed, with each error beside its field', () => {
    const { landing } = samplePages;
    const html = templates.page('landing', {
      ...landing,
      values: {
        ...landing.values,
        email: 'a"b@',
        topics: ['world-models'],
        keywords: '<b>',
        hour: 17,
        frequency: 'weekly',
      },
      errors: [{ field: 'email', message: 'That is not an email address.' }],
    });
    expect(html).toContain('value="a&quot;b@"');
    expect(html).toContain('value="&lt;b&gt;"');
    expect(html).toContain('value="world-models" checked');
    expect(html).toContain('<option value="17" selected>17:00</option>');
    expect(html).toContain('value="weekly" checked');
    expect(html).toContain('role="alert"');
    expect(html).toMatch(/name="email"[^>]* aria-invalid="true" aria-describedby="email-error"/);
    expect(html).toContain('<p class="problem" id="email-error">That is not an email address.</p>');
  });

  it('escape what a paper brings along', () => {
    const html = templates.page('digest', { ...samplePages.digest, digest: hostileDigest });
    expect(html).not.toMatch(/<script>|<img|"onmouseover="/);
    // A script puts this one into a page as it is.
    const part = templates.preview({ digest: hostileDigest, notKnown: [hostile] }, 'en');
    expect(part).not.toMatch(/<script|<img|"onmouseover="/);
    expect(part).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('templates', () => {
  it('never use the raw output tag', async () => {
    const dir = join(projectRoot, 'templates');
    const files = (await readdir(dir, { recursive: true })).filter((file) => /\.(eta|mjml|txt)$/.test(file));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) expect(await readFile(join(dir, file), 'utf8'), file).not.toContain('<%~');
  });
});

describe('wrapText', () => {
  it('hangs the second line under the first, and leaves a long link whole', () => {
    const url = `https://example.org/${'a'.repeat(90)}`;
    const lines = wrapText(` 1. ${'word '.repeat(20)}\n    ${url}\n\n\n\nend`).split('\n');
    expect(lines[1]).toMatch(/^ {4}word/);
    expect(lines[2]).toBe(`    ${url}`);
    expect(lines.slice(3)).toEqual(['', 'end', '']);
  });
});
