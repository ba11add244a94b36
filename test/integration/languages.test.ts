/** Who reads German gets German: pages by the browser's wish, mails and the pages behind their links by the reader's own choice. */
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/deliveries/deliver.ts';
import { composePage } from '../../src/digests/compose.ts';
import { readForm } from '../support/html-form.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, encodeForm, type Fields, type TestSite } from '../support/site.ts';

const GERMAN = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' };
const ENGLISH = { 'accept-language': 'en-GB,en;q=0.9' };

let site: TestSite;
let count = 0;
const fresh = () => `reader${++count}@example.net`;

beforeAll(async () => {
  site = await createTestSite();
  const papers = [
    makePaper({ title: 'Robots that feel', upvotes: 1200, categories: ['cs.RO'] }),
    makePaper({ title: 'Robots that grasp', upvotes: 1, categories: ['cs.RO'] }),
  ];
  await storePapers(site.ctx, papers, site.clock.now());
});
afterAll(() => site.close());

const get = (url: string, headers = GERMAN) => site.app.inject({ url, headers });
const post = (url: string, fields: Fields, headers = GERMAN) =>
  site.app.inject({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    payload: encodeForm(fields),
  });
async function languageOf(email: string): Promise<string> {
  const [row] = await site.sql`select language from subscribers where email = ${email}`;
  return row?.language;
}
/** The mails that are due, parsed. */
async function sendDue() {
  site.sink.mails.length = 0;
  const due = await site.sql`select id::int from deliveries where status = 'pending'`;
  await deliver(
    site.ctx,
    due.map(({ id }) => Number(id)),
  );
  return Promise.all(site.sink.mails.map(({ raw }) => simpleParser(raw)));
}
async function addGerman(wishes: Record<string, unknown> = {}): Promise<number> {
  return site.addReader(fresh(), { topics: ['cs-ro'], language: 'de', ...wishes });
}

describe('a page for everyone', () => {
  it.each([
    ['/', ['Gefragte Paper in deinem Postfach', '<b>1.200</b> Upvotes', '<b>1</b> Upvote<', 'Heute']],
    ['/?day=2026-11-24', ['Dienstag, 24. November 2026']],
    ['/?week=2026-W48', ['Woche 48, 2026']],
    ['/topics', ['Was in jedem Gebiet neu und gefragt ist']],
    ['/topics/cs-ro', ['Dieses Thema abonnieren', 'Letzte Woche']],
    ['/search?q=robots', ['2 Paper', 'Passendste']],
    ['/search?q=unheard', ['Kein Paper gefunden', 'Versuch es mit weniger Wörtern']],
  ])('comes in German to a browser that asks for it: %s', async (url, words) => {
    const { body, headers } = await get(url);
    expect(body).toMatch(/^<!doctype html>\n<html lang="de">/);
    expect([headers['content-language'], headers.vary]).toEqual(['de', 'accept-encoding, accept-language']);
    for (const word of words) expect(body).toContain(word);
  });

  it('is kept apart by language, here and by caches, and its mark is of its own language', async () => {
    const german = await get('/');
    const english = await get('/', ENGLISH);
    expect([german.body, english.body].map((body) => /<h1>([^<]*)/.exec(body)?.[1])).toEqual([
      'Gefragte Paper in deinem Postfach',
      'Get trending papers in your inbox',
    ]);
    expect(german.headers.etag).not.toBe(english.headers.etag);
    const mark = { 'if-none-match': String(german.headers.etag) };
    const known = await get('/', { ...GERMAN, ...mark });
    expect([known.statusCode, known.headers.vary]).toEqual([304, 'accept-encoding, accept-language']);
    expect((await get('/', { ...ENGLISH, ...mark })).statusCode).toBe(200);
    // A header of other words for the same language.
    expect((await get('/', { 'accept-language': 'de' })).headers.etag).toBe(german.headers.etag);
  });

  it('says what went wrong in German, and to programs in English', async () => {
    const gone = await get('/papers/9999.99999');
    expect([gone.statusCode, gone.headers['content-language']]).toEqual([404, 'de']);
    expect(gone.body).toContain('Ein solches Paper ist hier nicht bekannt');
    expect((await get('/nowhere')).body).toContain('Unter dieser Adresse gibt es keine Seite.');
    expect((await get('/api/papers/9999.99999')).json().error.message).toMatch(/^No such paper/);
    expect((await get('/confirm/x')).body).toContain('Dieser Link funktioniert nicht');
  });

  it('gives back a form with its faults in German, and a preview too', async () => {
    const refused = await post('/subscribe', { email: 'ada', hour: '99', keywords: 'x'.repeat(121) });
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain('E-Mail: das ist keine Adresse, an die wir Mail schicken können.');
    expect(refused.body).toContain('Uhrzeit: eine ganze Zahl von 0 bis 23.');
    expect(refused.body).toContain('Stichwörter: höchstens 120 Zeichen.');
    expect(refused.body).toContain('3 Angaben brauchen noch einen Blick');
    const preview = await post('/preview', { topics: ['cs-ro'] });
    expect(preview.body).toContain('Wenig Neues passt zu deiner Auswahl');
    expect(preview.body).toContain('1.200 Upvotes in');
  });
});

describe('a reader', () => {
  it('gets the language of the page they subscribed on, unless they chose another', async () => {
    const [asIs, chosen, english] = [fresh(), fresh(), fresh()];
    const form = readForm((await get('/')).body);
    expect(form.language).toEqual(['de']);
    await post('/subscribe', { ...form, email: asIs });
    await post('/subscribe', { ...form, email: chosen, language: 'en' });
    await post('/subscribe', { email: english }, ENGLISH);
    expect(await Promise.all([asIs, chosen, english].map(languageOf))).toEqual(['de', 'en', 'en']);
    const subjects = (await sendDue()).map(({ subject }) => subject).sort();
    expect(subjects).toEqual([
      'Bestätige dein Abonnement von Paperboy',
      'Confirm your subscription to Paperboy',
      'Confirm your subscription to Paperboy',
    ]);
  });

  it('may be added in German by programs, and in no language that there is not', async () => {
    const email = fresh();
    expect((await site.postJson('/api/subscriptions', { email, language: 'de' })).statusCode).toBe(202);
    expect(await languageOf(email)).toBe('de');
    const refused = await site.postJson('/api/subscriptions', { email: fresh(), language: 'fr' });
    expect([refused.statusCode, refused.json().error.field]).toEqual([400, 'language']);
    await sendDue();
  });

  it('gets their digest in German, with all umlauts, and the pages behind its links, whatever the browser asks for', async () => {
    const id = await addGerman();
    await composePage(site.ctx, site.clock.now(), [id]);
    const [mail] = await sendDue();
    expect(mail?.subject).toBe('Robots that feel und 1 weiteres');
    expect(mail?.text).toContain('Dienstag, 24. November 2026');
    expect(mail?.text).toContain('Wenig Neues passt zu deiner Auswahl');
    expect(mail?.text).toContain('Warum: ');
    expect(mail?.text).toContain('Themen ändern:');
    expect(String(mail?.html)).toContain('Im Browser ansehen');
    const links = new URL(/https:\/\/papers\.example\.org\/digests\/\S+/.exec(mail?.text ?? '')?.[0] ?? '');
    for (const [url, words] of [
      [links.pathname, 'Dies ist die Web-Ausgabe eines täglichen Digests'],
      [site.path('preferences', id), 'Wann er kommt'],
      [site.path('pause', id), 'Deinen Digest pausieren'],
      [site.path('unsubscribe', id), 'Keine Digests mehr an'],
    ] as const) {
      const page = await get(url, ENGLISH);
      expect([page.headers['content-language'], page.body.includes(words)]).toEqual(['de', true]);
      expect(page.headers['cache-control']).toBe('no-store');
    }
  });

  it('pauses, saves and leaves in German', async () => {
    const id = await addGerman();
    const paused = await post(site.path('pause', id), { until: 'date', date: '2026-12-01' }, ENGLISH);
    expect(paused.body).toContain('Er pausiert bis zum 1. Dezember 2026.');
    const late = await post(site.path('pause', id), { until: 'date', date: '2040-01-01' }, ENGLISH);
    expect(late.body).toContain('Wähle einen Tag vom 25. November 2026 bis zum 24. November 2027.');
    const saved = await post(site.path('preferences', id), { keywords: 'greifen', hour: '9' }, ENGLISH);
    expect(saved.body).toContain('<b>Gespeichert.</b> Dein Digest pausiert bis zum 1. Dezember 2026');
    const left = await post(site.path('unsubscribe', id), {}, ENGLISH);
    expect(left.body).toContain('Einmal pro Woche, jeden Montag');
  });

  it('changes the language on the preference page, and it stays where a form does not name it', async () => {
    const id = await addGerman();
    const url = site.path('preferences', id);
    const form = readForm((await get(url)).body);
    expect(form.language).toEqual(['de']);
    const changed = await post(url, { ...form, language: 'en' });
    expect(changed.headers['content-language']).toBe('en');
    expect(changed.body).toContain('<b>Saved.</b>');
    await post(url, { keywords: 'grasping' });
    expect(readForm((await get(url)).body).language).toEqual(['en']);
    const refused = await post(url, { keywords: 'grasping', language: 'fr' });
    expect([refused.statusCode, refused.body.includes('Language must be one of en, de.')]).toEqual([
      400,
      true,
    ]);
  });

  it('who is unknown to a link that has ended is spoken to as their browser asks', async () => {
    const id = await addGerman();
    const old = site.path('unsubscribe', id);
    await site.sql`update subscribers set token_version = 2 where id = ${id}`;
    expect((await get(old, ENGLISH)).headers['content-language']).toBe('en');
  });
});
