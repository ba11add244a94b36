/** What a digest shows, in mail and on the web alike, from what was composed. Pure. */
import { paperLinks, paperUrl } from '../papers/paper-links.ts';
import { explainReason, type Reason, reasonSchema, reasonsSchema } from '../ranking/explain.ts';
import type { DigestView } from '../template-views.ts';
import { groupPapers } from './group-papers.ts';
import type { Links } from './links.ts';
import type { MailSender } from './message.ts';
import { longDate, shortAuthors, shortDate, shorten, shortFields, shortVenue } from './words.ts';

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

const REASON_TITLE_CHARS = 80;
const ALSO_TITLE_CHARS = 120;

export function buildDigestView(
  { subscriber, digest }: DigestSource,
  { links, sender }: { links: Links; sender: MailSender & { postalAddress: string | null } },
): DigestView {
  const { id, tokenVersion: version } = subscriber;
  const reasonsOf = digest.papers.map(({ reasons }) => reasonsSchema.parse(reasons));
  const { headings, headingOf } =
    subscriber.frequency === 'weekly' ? groupPapers(reasonsOf.map(([main]) => main)) : NO_GROUPS;
  const papers = digest.papers.map(({ paper }, at) => ({
    ...wordPaper(paper),
    rank: at + 1,
    group: headingOf[at] ?? null,
    reasons: (reasonsOf[at] ?? []).map(wordReason),
    moreUrl: links.url({ purpose: 'more', id, version, paperId: paper.id }),
    lessUrl: links.url({ purpose: 'less', id, version, paperId: paper.id }),
  }));
  const best = papers[0]?.title ?? 'Papers for you';
  const others = papers.length - 1;
  return {
    subject: shorten(best, SUBJECT_TITLE_CHARS) + (others > 0 ? ` and ${others} more` : ''),
    preheader: papers
      .slice(1, 4)
      .map(({ title }) => shorten(title, 60))
      .join(' · '),
    editionLabel: editionLabel(digest.edition, digest.composedAt, subscriber.timezone),
    frequency: subscriber.frequency,
    intro: intro(digest, papers.length, headings.length > 1),
    papers,
    groups: headings,
    alsoTrending: digest.alsoTrending.flatMap(({ paper, reason }) =>
      // Since it was composed, two papers may have become one.
      papers.some((shown) => shown.id === paper.id)
        ? []
        : {
            title: shorten(paper.title, ALSO_TITLE_CHARS),
            votes: explainReason(reasonSchema.parse(reason)),
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

const worded = new WeakMap<ShownPaper, ReturnType<typeof describe>>();

/** What is the same for all readers is put into words once: they share most of their papers. */
function wordPaper(paper: ShownPaper) {
  const known = worded.get(paper);
  if (known) return known;
  const words = describe(paper);
  worded.set(paper, words);
  return words;
}

function describe(paper: ShownPaper) {
  return {
    id: paper.id,
    title: paper.title,
    authors: shortAuthors(paper.authors),
    published: paper.publishedAt ? shortDate(paper.publishedAt) : '',
    venue: shortVenue(paper.venue),
    categories: shortFields(paper),
    summary: shorten(paper.abstract, SUMMARY_CHARS),
    ...paperLinks(paper),
  };
}

/** Stored reasons as readers see them. */
export function wordReasons(reasons: unknown): string[] {
  return reasonsSchema.parse(reasons).map(wordReason);
}

/** A liked paper's title in quotes, as it would run into the sentence around it, and short enough to be one reason of three. */
function wordReason(reason: Reason): string {
  return explainReason(
    reason.kind === 'liked' ? { ...reason, title: `“${shorten(reason.title, REASON_TITLE_CHARS)}”` } : reason,
  );
}

function editionLabel(edition: string, composedAt: Date, timezone: string): string {
  const week = /^(\d{4})-W(\d\d)$/.exec(edition);
  return week ? `Week ${Number(week[2])}, ${week[1]}` : longDate(composedAt, timezone);
}

function intro({ edition, filled }: DigestSource['digest'], count: number, grouped: boolean): string {
  const papers = count === 1 ? 'One paper' : `${count} papers`;
  if (filled) return 'Little that is new matches what you chose, so here is what is trending now.';
  const order = grouped ? 'the best of each topic first' : 'best first';
  if (edition === 'first') return `Your first digest: ${papers.toLowerCase()} for you, ${order}.`;
  return `${papers} for you ${edition.includes('W') ? 'this week' : 'today'}, ${order}.`;
}
