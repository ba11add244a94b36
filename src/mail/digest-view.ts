/** What a digest shows, in mail and on the web alike, from what was composed. Pure. */
import type { Language } from '../languages.ts';
import { type Translate, translatorFor } from '../messages.ts';
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import { reasonSchema, reasonsSchema } from '../ranking/explain.ts';
import type { DigestView } from '../template-views.ts';
import { groupPapers } from './group-papers.ts';
import type { Links } from './links.ts';
import type { MailSender } from './message.ts';
import { explainReason, wordReason } from './reason-words.ts';
import {
  longDate,
  shortAuthors,
  shortDate,
  shorten,
  shortFields,
  shortTitle,
  shortVenue,
  weekWords,
} from './words.ts';

/** A paper as it was stored: the same object for every digest that shows it. */
export interface ShownPaper {
  id: number;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  publishedAt: Date | null;
  arxivId: string | null;
  url: string | null;
  codeUrl: string | null;
  venue: string | null;
  openAccessUrl: string | null;
  fieldsOfStudy: string[];
}

export interface DigestSource {
  subscriber: {
    id: number;
    tokenVersion: number;
    language: Language;
    frequency: 'daily' | 'weekly';
    timezone: string;
    topicNames: readonly string[];
    keywords: readonly string[];
  };
  digest: {
    /** Null for a preview, which has no web copy. */
    digestId: number | null;
    edition: string;
    composedAt: Date;
    filled: boolean;
    /** Best first, each with why it was chosen. */
    papers: { paper: ShownPaper; reasons: unknown }[];
    alsoTrending: { paper: ShownPaper; reason: unknown }[];
  };
}

/** About three lines on a desk, six on a phone: enough to decide whether to open the paper. */
const SUMMARY_CHARS = 340;
/** What a phone's inbox shows of a subject is less still, but the rest is read when opened. */
const SUBJECT_TITLE_CHARS = 70;

const ALSO_TITLE_CHARS = 120;

export function buildDigestView(
  { subscriber, digest }: DigestSource,
  { links, sender }: { links: Links; sender: MailSender & { postalAddress: string | null } },
): DigestView {
  const { id, tokenVersion: version } = subscriber;
  const t = translatorFor(subscriber.language);
  const reasonsOf = digest.papers.map(({ reasons }) => reasonsSchema.parse(reasons));
  const { headings, headingOf } =
    subscriber.frequency === 'weekly'
      ? groupPapers(
          reasonsOf.map(([main]) => main),
          t,
        )
      : NO_GROUPS;
  const papers = digest.papers.map(({ paper }, at) => ({
    rank: at + 1,
    group: headingOf[at] ?? null,
    reasons: (reasonsOf[at] ?? []).map((reason) => wordReason(reason, t)),
    moreUrl: links.url({ purpose: 'more', id, version, paperId: paper.id }),
    lessUrl: links.url({ purpose: 'less', id, version, paperId: paper.id }),
    // Last, as each property behind a spread takes Node 20 a microsecond, and reading the object half as long again.
    ...wordPaper(paper, t),
  }));
  const best = shorten(papers[0]?.title ?? t('digest.forYou'), SUBJECT_TITLE_CHARS);
  const others = papers.length - 1;
  return {
    language: t.language,
    subject: others > 0 ? t('digest.subject', { title: best, n: others }) : best,
    preheader: papers
      .slice(1, 4)
      .map(({ title }) => shorten(title, 60))
      .join(' · '),
    editionLabel: weekWords(digest.edition, t) ?? longDate(digest.composedAt, subscriber.timezone, t),
    frequency: subscriber.frequency,
    intro: intro(digest, { n: papers.length, grouped: headings.length > 1 }, t),
    papers,
    groups: headings,
    alsoTrending: digest.alsoTrending.flatMap(({ paper, reason }) =>
      // Since it was composed, two papers may have become one.
      papers.some((shown) => shown.id === paper.id)
        ? []
        : {
            title: shorten(paper.title, ALSO_TITLE_CHARS),
            votes: explainReason(reasonSchema.parse(reason), t),
            url: sender.publicUrl + paperUrl(paper),
          },
    ),
    topics: [...subscriber.topicNames, ...subscriber.keywords],
    links: {
      web: digest.digestId
        ? links.url({ purpose: 'digest', id: digest.digestId, version })
        : `${sender.publicUrl}/`,
      preferences: links.url({ purpose: 'preferences', id, version }),
      pause: links.url({ purpose: 'pause', id, version }),
      unsubscribe: links.url({ purpose: 'unsubscribe', id, version }),
    },
    sender: { name: sender.from.name || 'Paperboy', postalAddress: sender.postalAddress },
    siteUrl: `${sender.publicUrl}/`,
  };
}

const NO_GROUPS = { headings: [null], headingOf: [] };

const worded = new Map<Language, WeakMap<ShownPaper, ReturnType<typeof describe>>>();

/** What is the same for all readers of a language is put into words once: they share most of their papers. */
function wordPaper(paper: ShownPaper, t: Translate) {
  const ofLanguage = worded.get(t.language) ?? new WeakMap<ShownPaper, ReturnType<typeof describe>>();
  worded.set(t.language, ofLanguage);
  const known = ofLanguage.get(paper);
  if (known) return known;
  const words = describe(paper, t);
  ofLanguage.set(paper, words);
  return words;
}

function describe(paper: ShownPaper, t: Translate) {
  return {
    id: paper.id,
    title: shortTitle(paper.title),
    authors: shortAuthors(paper.authors),
    published: paper.publishedAt ? shortDate(paper.publishedAt, t) : '',
    venue: shortVenue(paper.venue),
    categories: shortFields(paper),
    summary: shorten(paper.abstract, SUMMARY_CHARS),
    ...paperLinks(paper),
  };
}

function intro(
  { edition, filled }: DigestSource['digest'],
  { n, grouped }: { n: number; grouped: boolean },
  t: Translate,
): string {
  if (filled) return t('digest.filled');
  const args = { n, grouped: grouped ? 'yes' : 'no' };
  if (edition === 'first') return t('digest.first', args);
  return edition.includes('W') ? t('digest.week', args) : t('digest.today', args);
}
