/** Guards what readers get by mail: word for word what was approved, hostile paper text made harmless, and no template left broken. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wordReasons } from '../../src/mail/reason-words.ts';
import { frequencySentence, longDate, shortDate } from '../../src/mail/words.ts';
import { translatorFor } from '../../src/messages.ts';
import { projectRoot } from '../../src/project-root.ts';
import { sampleMails } from '../../src/template-samples.ts';
import { wrapText } from '../../src/templates.ts';
import { hostileDigest, hostilePaper, outsideEnglish, useTemplates } from '../support/filled-templates.ts';

const filled = useTemplates();
const golden = (file: string) => `../fixtures/golden/${file}`;

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

describe('mails', () => {
  it('are, word for word, what was last approved', async () => {
    const mails = {
      digest: filled.templates.digest(sampleMails.digest),
      'weekly-digest': filled.templates.digest(sampleMails.weeklyDigest),
      confirm: filled.templates.confirm(sampleMails.confirm),
      'already-subscribed': filled.templates.alreadySubscribed(sampleMails.alreadySubscribed),
      'new-address': filled.templates.newAddress(sampleMails.newAddress),
    };
    for (const [name, mail] of Object.entries(mails)) {
      await expect(mail.html).toMatchFileSnapshot(golden(`${name}.html`));
      await expect(mail.text).toMatchFileSnapshot(golden(`${name}.txt`));
    }
  });

  it('in German are, word for word, what was last approved', async () => {
    const t = translatorFor('de');
    const at = new Date('2026-08-04T06:00:00Z');
    const digest = filled.templates.digest({
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
    const confirm = filled.templates.confirm({
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
    const { html } = filled.templates.digest(hostileDigest);
    expect(html).not.toMatch(/<script|<img|"onmouseover="/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('href="https://example.org/?a=1&amp;b=2"');
    // Outside quotes, a space in a value would start an attribute.
    expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<[a-z][^>]*=[^"]/);
  });

  it('do not let a line break in a title forge a line of the plain text', () => {
    const { text } = filled.templates.digest(hostileDigest);
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
    const size = Buffer.byteLength(filled.templates.digest({ ...sampleMails.digest, papers }).html);
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThan(102_000);
  });

  it('keep plain text within 72 columns, links excepted', () => {
    const texts = [
      filled.templates.digest(sampleMails.digest),
      filled.templates.digest(sampleMails.weeklyDigest),
      filled.templates.confirm(sampleMails.confirm),
      filled.templates.alreadySubscribed(sampleMails.alreadySubscribed),
      filled.templates.newAddress(sampleMails.newAddress),
    ].map(({ text }) => text);
    const long = texts
      .join('\n')
      .split('\n')
      .filter((line) => line.length > 72 && !/https?:/.test(line));
    expect(long).toEqual([]);
  });

  it('carry what every message must: language, dark colours, preheader, the ways out, who sent it', () => {
    const { html, text } = filled.templates.digest(sampleMails.digest);
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
