/**
 * Turns views into the mails and pages a reader sees. MJML is compiled once, here, with the tags of the template
 * engine still inside; filling the result for one reader then takes microseconds instead of milliseconds.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Eta } from 'eta';
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

export interface Templates {
  digest(view: DigestView): Rendered;
  confirm(view: ConfirmView): Rendered;
  alreadySubscribed(view: AlreadySubscribedView): Rendered;
  newAddress(view: NewAddressView): Rendered;
  /** The part of a page that shows a digest; the script puts it beside the form. */
  preview(view: DigestPreview): string;
  /** A whole HTML document. */
  page<N extends PageName>(name: N, view: PageViews[N]): string;
}

/** Plain-text mail is wrapped here; links are left whole, whatever their length. */
export const TEXT_COLUMNS = 72;

const MAILS = ['digest', 'confirm', 'already-subscribed', 'new-address'] as const;

/** The file of each page, the words of its tab, and whether it is reached by a signed link that must not leak. */
const PAGES: Record<PageName, { file: string; title: string; signed: boolean }> = {
  landing: { file: 'landing', title: 'Trending papers in your inbox', signed: false },
  topics: { file: 'topics', title: 'Topics', signed: false },
  topic: { file: 'topic', title: 'Topic', signed: false },
  search: { file: 'search', title: 'Search', signed: false },
  paper: { file: 'paper', title: 'Paper', signed: false },
  preview: { file: 'preview', title: 'Preview of your digest', signed: true },
  checkInbox: { file: 'check-inbox', title: 'Check your inbox', signed: false },
  confirm: { file: 'confirm', title: 'Confirm your subscription', signed: true },
  confirmed: { file: 'confirmed', title: 'You are subscribed', signed: true },
  linkProblem: { file: 'link-problem', title: 'This link does not work', signed: true },
  preferences: { file: 'preferences', title: 'Your digest', signed: true },
  address: { file: 'address', title: 'Get your digest here', signed: true },
  addressChanged: { file: 'address-changed', title: 'Your digest comes here now', signed: true },
  erase: { file: 'erase', title: 'Erase everything', signed: true },
  pause: { file: 'pause', title: 'Pause your digest', signed: true },
  unsubscribe: { file: 'unsubscribe', title: 'Unsubscribe', signed: true },
  unsubscribed: { file: 'unsubscribed', title: 'You are unsubscribed', signed: true },
  history: { file: 'history', title: 'Your digests so far', signed: true },
  digest: { file: 'digest', title: 'Digest', signed: true },
  feedback: { file: 'feedback', title: 'More or less like this', signed: true },
  mailbox: { file: 'mailbox', title: 'Local mailbox', signed: true },
  mailboxMail: { file: 'mailbox-mail', title: 'Local mailbox', signed: true },
  error: { file: 'error', title: 'Something went wrong', signed: false },
};

type Fill = (view: object) => string;

/** Reads, compiles and tries every template; throws with the file's name if one is broken, before any mail is due. */
export async function loadTemplates({
  rootDir = projectRoot,
}: {
  rootDir?: string;
} = {}): Promise<Templates> {
  const dir = join(rootDir, 'templates');
  // Two engines, because they escape differently: markup needs entities, while a plain-text mail would show them.
  // There, the danger is a line break inside a title that forges lines of its own, so white space is flattened.
  const html = new Eta({ autoEscape: true });
  const text = new Eta({ autoEscape: true, escapeFunction: toOneLine });

  const mails = await mapNames(MAILS, async (name) => {
    const mjml = await readMjml(join(dir, 'email', `${name}.mjml`));
    const fillHtml = compile(html, mjml, `${name}.mjml`);
    const fillText = compile(text, await readFile(join(dir, 'email', `${name}.txt`), 'utf8'), `${name}.txt`);
    return (view: object): Rendered => ({ html: fillHtml(view), text: wrapText(fillText(view)) });
  });
  const layout = await readPasted(dir, join('partials', 'layout.eta'));
  const pages = await mapNames(Object.keys(PAGES) as PageName[], async (name) => {
    const { file, title, signed } = PAGES[name];
    const body = await readPasted(dir, join('pages', `${file}.eta`));
    const fill = compile(
      html,
      layout.replace('@@body', () => body),
      `${file}.eta`,
    );
    return (view: PageBase) =>
      fill({
        ...view,
        page: file,
        title: view.title ?? title,
        noindex: view.noindex ?? signed,
        noReferrer: view.noReferrer ?? signed,
      });
  });

  const fillPreview = compile(
    html,
    await readPasted(dir, join('partials', 'digest-preview.eta')),
    'digest-preview.eta',
  );
  const templates: Templates = {
    preview: (preview) => fillPreview({ preview }),
    digest: (view) => mails.digest(view),
    confirm: (view) => mails.confirm(view),
    alreadySubscribed: (view) => mails['already-subscribed'](view),
    newAddress: (view) => mails['new-address'](view),
    page: (name, view) => pages[name](view),
  };
  tryAll(templates);
  return templates;
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

async function readMjml(path: string): Promise<string> {
  // It takes longer to load than all else, and many a command needs no templates.
  const { default: mjml2html } = await import('mjml');
  const { html } = await mjml2html(await readFile(path, 'utf8'), {
    filePath: path,
    fonts: {},
    keepComments: false,
    validationLevel: 'strict',
    // Off unless asked for; the mails share their head and foot.
    ignoreIncludes: false,
  });
  // The indentation of MJML's output is a fifth of a mail, and Gmail cuts a message at 102 KB.
  return html.replace(/\s*\n\s*/g, '\n');
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

function tryAll(templates: Templates): void {
  templates.digest(sampleMails.digest);
  templates.digest(sampleMails.weeklyDigest);
  templates.confirm(sampleMails.confirm);
  templates.alreadySubscribed(sampleMails.alreadySubscribed);
  templates.newAddress(sampleMails.newAddress);
  for (const name of Object.keys(PAGES) as PageName[]) tryPage(templates, name);
}

function tryPage<N extends PageName>(templates: Templates, name: N): void {
  try {
    templates.page(name, samplePages[name]);
  } catch (cause) {
    throw new Error(`templates: the ${name} page fails on its sample`, { cause });
  }
}
