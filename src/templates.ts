/**
 * Turns views into the mails and pages a reader sees. MJML is compiled before that, with the messages' markers
 * and the tags of the template engine still inside; filling the result for one reader takes microseconds instead of milliseconds.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Eta } from 'eta';
import { compileMjml } from './compile-mjml.ts';
import { LANGUAGES, type Language } from './languages.ts';
import { escapeToAscii, templateToAscii } from './mail/ascii-html.ts';
import { type MessageKey, type Translate, translatorFor } from './messages.ts';
import { projectRoot } from './project-root.ts';
import { sampleMails, samplePages } from './template-samples.ts';
import type {
  AlreadySubscribedView,
  ConfirmView,
  DigestPreview,
  DigestView,
  NewAddressView,
  PageBase,
  PageName,
  PageViews,
  Rendered,
} from './template-views.ts';
import { putWords } from './template-words.ts';

/** Each fills the template of the language that its view is in. */
export interface Templates {
  digest(view: DigestView): Rendered;
  confirm(view: ConfirmView): Rendered;
  alreadySubscribed(view: AlreadySubscribedView): Rendered;
  newAddress(view: NewAddressView): Rendered;
  /** The part of a page that shows a digest; the script puts it beside the form. */
  preview(view: DigestPreview, language: Language): string;
  /** A whole HTML document. */
  page<N extends PageName>(name: N, view: PageViews[N]): string;
}

/** Plain-text mail is wrapped here; links are left whole, whatever their length. */
export const TEXT_COLUMNS = 72;

const MAILS = ['digest', 'confirm', 'already-subscribed', 'new-address'] as const;

/** The file of each page, the message of its tab, and whether it is reached by a signed link that must not leak. */
const PAGES: Record<PageName, { file: string; title: MessageKey; signed: boolean }> = {
  landing: { file: 'landing', title: 'landing.title', signed: false },
  topics: { file: 'topics', title: 'topics.title', signed: false },
  topic: { file: 'topic', title: 'topic.title', signed: false },
  search: { file: 'search', title: 'search.title', signed: false },
  paper: { file: 'paper', title: 'paper.title', signed: false },
  preview: { file: 'preview', title: 'preview.label', signed: true },
  checkInbox: { file: 'check-inbox', title: 'checkInbox.title', signed: false },
  confirm: { file: 'confirm', title: 'confirm.tab', signed: true },
  confirmed: { file: 'confirmed', title: 'confirmed.title', signed: true },
  linkProblem: { file: 'link-problem', title: 'linkProblem.title', signed: true },
  preferences: { file: 'preferences', title: 'preferences.title', signed: true },
  address: { file: 'address', title: 'address.title', signed: true },
  addressChanged: { file: 'address-changed', title: 'addressChanged.title', signed: true },
  erase: { file: 'erase', title: 'erase.title', signed: true },
  pause: { file: 'pause', title: 'pause.title', signed: true },
  unsubscribe: { file: 'unsubscribe', title: 'unsubscribe.title', signed: true },
  unsubscribed: { file: 'unsubscribed', title: 'unsubscribed.title', signed: true },
  history: { file: 'history', title: 'history.title', signed: true },
  digest: { file: 'digest', title: 'digest.title', signed: true },
  feedback: { file: 'feedback', title: 'feedback.title', signed: true },
  mailbox: { file: 'mailbox', title: 'mailbox.title', signed: true },
  mailboxMail: { file: 'mailbox-mail', title: 'mailbox.title', signed: true },
  error: { file: 'error', title: 'error.title', signed: false },
};

type Fill = (view: object) => string;

/** Compiles the source of a template, once its messages are put in. */
interface Maker {
  t: Translate;
  html(source: string, file: string): Fill;
  /** HTML, in ASCII. */
  mail(source: string, file: string): Fill;
  text(source: string, file: string): Fill;
}

/**
 * Reads, compiles and tries every template; throws with the file's name if one is broken, before any mail is due.
 * `keptIn`: the folder for what MJML makes.
 */
export async function loadTemplates(keptIn: string): Promise<Templates> {
  const dir = join(projectRoot, 'templates');
  // With the markers of messages as they are: once is enough for all languages.
  const mjml = await compileMjml(join(dir, 'email'), MAILS, keptIn);
  const entries = await Promise.all(
    LANGUAGES.map(async (language) => {
      const templates = await loadLanguage(dir, mjml, createMaker(language));
      return [language, templates] as const;
    }),
  );
  const sets = Object.fromEntries(entries) as Record<Language, TemplateSet>;
  const templates: Templates = {
    preview: (preview, language) => sets[language].preview({ preview }),
    digest: (view) => sets[view.language].mails.digest(view),
    confirm: (view) => sets[view.language].mails.confirm(view),
    alreadySubscribed: (view) => sets[view.language].mails['already-subscribed'](view),
    newAddress: (view) => sets[view.language].mails['new-address'](view),
    page: (name, view) => sets[view.language].pages[name](view),
  };
  for (const language of LANGUAGES) tryAll(templates, language);
  return templates;
}

interface TemplateSet {
  mails: Record<(typeof MAILS)[number], (view: object) => Rendered>;
  pages: Record<PageName, (view: PageBase) => string>;
  preview: Fill;
}

function createMaker(language: Language): Maker {
  const t = translatorFor(language);
  // Two engines, because they escape differently: markup needs entities, while a plain-text mail would show them.
  // There, the danger is a line break inside a title that forges lines of its own, so white space is flattened.
  const options = { autoEscape: true, functionHeader: 'const { t } = it;' };
  const html = new Eta(options);
  const mail = new Eta({ ...options, escapeFunction: escapeToAscii });
  const text = new Eta({ ...options, escapeFunction: toOneLine });
  const withTranslator = (fill: Fill) => (view: object) => fill({ ...view, t });
  return {
    t,
    html: (source, file) => withTranslator(compile(html, putWords(source, language, escapeText), file)),
    mail: (source, file) =>
      withTranslator(compile(mail, templateToAscii(putWords(source, language, escapeText)), file)),
    text: (source, file) => withTranslator(compile(text, putWords(source, language, String), file)),
  };
}

async function loadLanguage(
  dir: string,
  mjml: Record<(typeof MAILS)[number], string>,
  make: Maker,
): Promise<TemplateSet> {
  const mails = await mapNames(MAILS, async (name) => {
    const fillHtml = make.mail(mjml[name], `${name}.mjml`);
    const fillText = make.text(await readFile(join(dir, 'email', `${name}.txt`), 'utf8'), `${name}.txt`);
    return (view: object): Rendered => ({ html: fillHtml(view), text: wrapText(fillText(view)) });
  });
  const layout = await readPasted(dir, join('partials', 'layout.eta'));
  const pages = await mapNames(Object.keys(PAGES) as PageName[], async (name) => {
    const { file, title, signed } = PAGES[name];
    const body = await readPasted(dir, join('pages', `${file}.eta`));
    const fill = make.html(
      layout.replace('@@body', () => body),
      `${file}.eta`,
    );
    return (view: PageBase) =>
      fill({
        ...view,
        page: file,
        title: view.title ?? make.t(title),
        noindex: view.noindex ?? signed,
        noReferrer: view.noReferrer ?? signed,
      });
  });
  const preview = make.html(
    await readPasted(dir, join('partials', 'digest-preview.eta')),
    'digest-preview.eta',
  );
  return { mails, pages, preview };
}

/** Of a message that stands between tags or in a quoted attribute; it may hold single quotes. */
function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function compile(engine: Eta, source: string, file: string): Fill {
  try {
    const filled = engine.compile(source);
    return (view) => filled.call(engine, view);
  } catch (cause) {
    throw new Error(`templates: ${file} does not compile`, { cause });
  }
}

async function mapNames<K extends string, V>(names: readonly K[], make: (name: K) => Promise<V>) {
  const entries = await Promise.all(names.map(async (name) => [name, await make(name)] as const));
  return Object.fromEntries(entries) as Record<K, V>;
}

/** `@@include name` pastes `partials/name.eta` into the source: parts are shared without an unescaped output tag. */
async function readPasted(dir: string, path: string): Promise<string> {
  const source = await readFile(join(dir, path), 'utf8');
  const parts = source.split(/@@include ([a-z-]+)\n/);
  const pasted = parts.map((part, i) => (i % 2 ? readPasted(dir, join('partials', `${part}.eta`)) : part));
  return (await Promise.all(pasted)).join('');
}

/** What a line must not hold: control characters, and more than one blank in a row. */
const NOT_ONE_LINE = /[^\S ]|\p{Cc}| {2}|^ | $/u;

/** One line without control characters. */
function toOneLine(value: unknown): string {
  const text = String(value);
  if (!NOT_ONE_LINE.test(text)) return text;
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Breaks lines at `TEXT_COLUMNS`, keeps each line's own indentation (and hangs after "1. "), and squeezes blank lines. */
export function wrapText(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd();
    if (trimmed.length > TEXT_COLUMNS) lines.push(...wrapLine(trimmed));
    else if (trimmed !== '' || lines.at(-1) !== '') lines.push(trimmed);
  }
  return `${lines.join('\n').trim()}\n`;
}

function wrapLine(line: string): string[] {
  const lead = /^\s*(?:\d+\.\s+|- )?/.exec(line)?.[0] ?? '';
  const room = TEXT_COLUMNS - lead.length;
  const lines: string[] = [];
  let before = lead;
  let rest = line.slice(lead.length);
  while (rest.length > room) {
    const fits = rest.lastIndexOf(' ', room);
    // A word that is too long, such as an address, has a line of its own.
    const end = fits > 0 ? fits : rest.indexOf(' ', room);
    if (end < 0) break;
    lines.push(before + rest.slice(0, end));
    before = ' '.repeat(lead.length);
    rest = rest.slice(end + 1);
  }
  return [...lines, before + rest];
}

function tryAll(templates: Templates, language: Language): void {
  const { digest, weeklyDigest, confirm, alreadySubscribed, newAddress } = sampleMails;
  templates.digest({ ...digest, language });
  templates.digest({ ...weeklyDigest, language });
  templates.confirm({ ...confirm, language });
  templates.alreadySubscribed({ ...alreadySubscribed, language });
  templates.newAddress({ ...newAddress, language });
  templates.preview({ digest, notKnown: [] }, language);
  for (const name of Object.keys(PAGES) as PageName[]) tryPage(templates, name, language);
}

function tryPage<N extends PageName>(templates: Templates, name: N, language: Language): void {
  try {
    templates.page(name, { ...samplePages[name], language });
  } catch (cause) {
    throw new Error(`templates: the ${name} page fails on its sample in ${language}`, { cause });
  }
}
