/** Every page of the site, filled from a real database, held against the rules of HTML. */
import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestSite } from '../support/site.ts';
import { type RealMails, writeRealMails } from './real-mails.ts';

let made: RealMails;
beforeAll(async () => {
  made = await writeRealMails();
});
afterAll(() => made.site.close());

/** All of the recommended rules, fitted to what the site does on purpose. */
const rules = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {
    'doctype-style': ['error', { style: 'lowercase' }],
    // Topics are boxes of one name.
    'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit'] }],
    // A list of chosen topics has a name of its own.
    'aria-label-misuse': ['error', { allowAnyNamable: true }],
    // Pico gives a link the looks of a button by this role.
    'prefer-native-element': ['error', { exclude: ['button'] }],
    // What comes from the site itself is as trusted as the page.
    'require-sri': ['error', { target: 'crossorigin' }],
  },
});

type Ask = (site: TestSite) => { url: string; form?: Record<string, string | string[]>; status?: number };
const link = (folder: string) => () =>
  new RegExp(`https://papers\\.example\\.org(/${folder}/[\\w.-]+)`).exec(
    made.mails['digest of 20'].html,
  )?.[1] ?? '';

const pages: Record<string, Ask> = {
  'the front page': () => ({ url: '/' }),
  'a preview': () => ({ url: '/preview', form: { topics: ['cs-ro'], keywords: 'grasping, "echo"' } }),
  'check your inbox': () => ({ url: '/subscribed?notKnown=2401.09999' }),
  'a form with faults': () => ({ url: '/subscribe', form: { email: '<b>', hour: '99' }, status: 400 }),
  'a link to confirm': (site) => ({ url: site.path('confirm', 1) }),
  'the digest': () => ({ url: link('digests')() }),
  preferences: () => ({ url: link('preferences')() }),
  'preferences with faults': () => ({ url: link('preferences')(), form: { hour: '99' }, status: 400 }),
  'all digests': () => ({ url: `${link('preferences')()}/digests` }),
  pause: () => ({ url: link('pause')() }),
  'a pause until no date': () => ({ url: link('pause')(), form: { until: 'date' }, status: 400 }),
  'more like this': () => ({ url: link('more')() }),
  'less like this, said': () => ({ url: link('less')(), form: {} }),
  unsubscribe: () => ({ url: link('unsubscribe')() }),
  'a link that does not work': () => ({ url: '/preferences/x', status: 404 }),
  'no such page': () => ({ url: '/nowhere', status: 404 }),
  unsubscribed: () => ({ url: link('unsubscribe')(), form: {} }),
  'no reason for it': () => ({ url: `${link('unsubscribe')()}/reason`, form: {}, status: 400 }),
  'a pause of nothing': () => ({ url: link('pause')() }),
  'preferences of someone who left': () => ({ url: link('preferences')() }),
  'fewer mails instead': () => ({ url: `${link('unsubscribe')()}/instead`, form: { change: 'weekly' } }),
  'daily again': () => ({ url: `${link('pause')()}/daily`, form: { weekdays: '1,2' } }),
  'once a week': () => ({ url: `${link('pause')()}/weekly`, form: {} }),
};

it.each(Object.entries(pages))('%s is valid HTML', async (_name, ask) => {
  const { url, form, status = 200 } = ask(made.site);
  const response = form ? await made.site.postForm(url, form) : await made.site.app.inject({ url });
  expect([url, response.statusCode]).toEqual([url, status]);
  expect(response.headers['content-type']).toMatch(/^text\/html/);
  const { results } = await rules.validateString(response.body);
  const faults = results.flatMap(({ messages }) => messages);
  expect(faults.map(({ ruleId, line, message }) => `${ruleId}, line ${line}: ${message}`)).toEqual([]);
});
