/**
 * What each mail and page needs to know before it can be filled. Everything a reader sees is already text here:
 * dates, counts and reasons are worded by the caller, in the view's language, and every URL was checked (http or https) when it came in. One list of plain types,
 * in the order in which a reader meets them: whoever writes a template looks here and nowhere else.
 */

import type { Language } from './languages.ts';

export interface Rendered {
  html: string;
  text: string;
}

export interface Sender {
  name: string;
  /** One line. Null leaves the line out. */
  postalAddress: string | null;
}

export type Frequency = 'daily' | 'weekly';
export type Pickiness = 'low' | 'medium' | 'high';

/** What a reader said of a paper; null is nothing. */
export type Standing = 'liked' | 'disliked' | null;

export interface DigestPaper {
  id: number;
  /** 1 for the best of this digest. */
  rank: number;
  /** The one of the digest's groups that it stands in. */
  group: string | null;
  title: string;
  /** "A, B, C +5" */
  authors: string;
  /** "21 Nov 2026", or "" where it is not known. */
  published: string;
  /** "ICLR 2026", or "" where it has not appeared in print. */
  venue: string;
  /** arXiv's, or fields of study where it has none. */
  categories: string[];
  summary: string;
  /** "matches vision-language-action models", "58 upvotes in 9 hours": joined with "; " after "Why:". */
  reasons: string[];
  abstractUrl: string;
  pdfUrl: string | null;
  codeUrl: string | null;
  /** Signed links to "more like this" and "less like this"; absent or null leaves them out. */
  moreUrl?: string | null;
  lessUrl?: string | null;
  /** On the web copy, which shows it. */
  standing?: Standing;
}

/** A paper that is named at the end of a digest, and is none of it. */
export interface AlsoTrending {
  title: string;
  /** "58 upvotes in 9 hours" */
  votes: string;
  /** Its page here. */
  url: string;
}

export interface DigestView {
  language: Language;
  subject: string;
  preheader: string;
  /** "Tuesday, 24 November 2026" or "Week 48, 2026" */
  editionLabel: string;
  frequency: Frequency;
  /** One sentence. */
  intro: string;
  /** Best first. */
  papers: DigestPaper[];
  /** The headings that papers stand under, in this order; null alone where they stand under none. */
  groups: (string | null)[];
  /** The most trending first; may be none. */
  alsoTrending: AlsoTrending[];
  /** Names of what the reader chose, for "you get this because…". */
  topics: string[];
  links: { web: string; preferences: string; pause: string; unsubscribe: string };
  sender: Sender;
  siteUrl: string;
}

export interface ConfirmView {
  language: Language;
  confirmUrl: string;
  topics: string[];
  /** "every day at 08:00, Europe/Berlin" */
  frequencySentence: string;
  siteUrl: string;
  sender: Sender;
  /** "7 days" */
  expiresIn: string;
}

export interface AlreadySubscribedView {
  language: Language;
  preferencesUrl: string;
  unsubscribeUrl: string;
  siteUrl: string;
  sender: Sender;
}

/** Asks whoever reads mail at an address whether a digest may come there. Names nobody: they may be strangers. */
export interface NewAddressView {
  language: Language;
  addressUrl: string;
  siteUrl: string;
  sender: Sender;
  /** "7 days" */
  expiresIn: string;
}

export interface PageBase {
  language: Language;
  site: {
    publicUrl: string;
    /** Goes into the query of every asset URL, so that assets can be cached for good. */
    assetVersion: string;
  };
  /** What the browser tab says before "· Paperboy". Each page has its own when this is left out. */
  title?: string;
  /** Both are on for pages reached by a signed link unless said otherwise; off for landing, checkInbox, error. */
  noindex?: boolean;
  noReferrer?: boolean;
  /** What sites show of a link to this page, on pages that may be passed on. */
  share?: { url: string; title: string; description: string; kind: 'website' | 'article' };
  /** Feeds of what the page shows, at `url` with `.xml`, `.atom` and `.json`. */
  feed?: { title: string; url: string };
}

/** A link among others of which one may be where the visitor is. */
export interface Tab {
  label: string;
  url: string;
  current: boolean;
}

export interface TopicGroup {
  name: string;
  topics: { slug: string; name: string; description: string }[];
}

export interface FieldError {
  /** The name of the form field, as in the values below. */
  field: string;
  message: string;
}

/** A language to choose: its code, and its name in itself. */
export interface LanguageChoice {
  code: Language;
  name: string;
}

/** As typed. Comma separated lists stay one string, so that nothing is lost after an error. */
export interface ScheduleValues {
  /** Slugs. */
  topics: string[];
  keywords: string;
  frequency: Frequency;
  /** 0 is Sunday. */
  weekday: number;
  /** 0 to 23. */
  hour: number;
  timezone: string;
  language: Language;
}

export interface SubscribeValues extends ScheduleValues {
  email: string;
  /** arXiv ids, DOIs and links, one a line. */
  liked: string;
  /** The name of the file that came along, which no page can put back into its field; "" where none did. */
  bib: string;
}

export interface PreferenceValues extends ScheduleValues {
  excludedWords: string;
  authors: string;
  /** 3 to 20. */
  paperCount: number;
  pickiness: Pickiness;
  /** Days of a daily digest, 0 is Sunday. */
  weekdays: number[];
}

export interface ListedPaper {
  title: string;
  authors: string;
  summary: string;
  upvotes: number | null;
  comments: number | null;
  githubStars: number | null;
  citations: number | null;
  /** "" leaves the line out. */
  why: string;
  abstractUrl: string;
  pdfUrl: string | null;
  codeUrl: string | null;
  categories: string[];
  published: string;
  /** "" where it has not appeared in print. */
  venue: string;
  /** Of the paper here, with what is similar. */
  pageUrl: string;
}

export interface TrendingDay {
  /** "Today", "Monday, 23 November" */
  label: string;
  /** YYYY-MM-DD */
  date: string;
  papers: ListedPaper[];
}

/** The form of the front page, as it stands on any page. */
export interface SubscribeForm {
  topicGroups: TopicGroup[];
  values: SubscribeValues;
  errors: FieldError[];
  timezones: string[];
  languages: LanguageChoice[];
  /** What slips in addresses are seen by, as JSON for the script. */
  addressSlips: string;
}

export interface LandingPage extends PageBase, SubscribeForm {
  days: TrendingDay[];
  /** Latest, day, week. */
  tabs: Tab[];
  /** The day or week that was asked for, and is named where it has no papers; null for the latest. */
  period: string | null;
  earlier: PageLink | null;
  later: PageLink | null;
}

export interface PageLink {
  label: string;
  url: string;
}

export interface TopicsPage extends PageBase {
  topicGroups: TopicGroup[];
}

export interface TopicPage extends PageBase {
  topic: { slug: string; name: string; description: string };
  /** Its group in the list of topics. */
  group: string;
  /** Day, week. */
  tabs: Tab[];
  papers: ListedPaper[];
}

export interface SearchPage extends PageBase {
  /** As typed. */
  q: string;
  /** Null where nothing was asked for. */
  found: {
    papers: ListedPaper[];
    /** "About 240 papers", "More than 1,000 papers" */
    count: string;
    /** By relevance, by date. */
    tabs: Tab[];
    /** "Page 2 of 12", or "" where there is one. */
    place: string;
    previousUrl: string | null;
    nextUrl: string | null;
  } | null;
  /** What would help, where nothing was found or asked for. */
  advice: string;
}

export interface PaperPage extends PageBase {
  paper: {
    title: string;
    authors: string[];
    abstract: string;
    /** arXiv's, or fields of study; `url` is that of the topic here, if there is one. */
    categories: { name: string; title: string; url: string | null }[];
    published: string;
    venue: string;
    withdrawn: boolean;
    /** "58 upvotes in 9 hours", "12 citations" */
    figures: string[];
    abstractUrl: string;
    /** "arXiv", "Publisher" */
    source: string;
    pdfUrl: string | null;
    codeUrl: string | null;
  };
  similar: ListedPaper[];
  /** To the form with this paper among those that are liked; null where the paper has no id to name it by. */
  seedUrl: string | null;
  bibtex: string;
}

/** The digest that someone would get now, who is no reader yet or has not saved: nothing in it is signed for anyone. */
export interface DigestPreview {
  /** Null where there is nothing worth a mail. */
  digest: DigestView | null;
  /** Ids of papers that were to be liked and are not known here. */
  notKnown: string[];
  /** Absent or null where no file came along. */
  bibliography?: BibliographyView | null;
}

/** What was read of a file of papers that someone likes. */
export interface BibliographyView {
  name: string;
  /** "12 papers, 2 entries not understood" */
  counts: string;
  /** "line 3, dune87: it has no title" */
  faults: string[];
  /** Titles, the first of them where there are many. */
  papers: string[];
  /** Faults and papers that are not listed. */
  unlisted: number;
}

export interface PreviewPage extends PageBase, SubscribeForm {
  /** Null where an error stood in the way. */
  preview: DigestPreview | null;
}

export interface CheckInboxPage extends PageBase {
  /** "7 days" */
  expiresIn: string;
  /** Where mail is caught when no mail server is set. */
  mailboxUrl: string | null;
  /** Ids of papers that were to be liked and are not known here. */
  notKnown: string[];
  bibliography: BibliographyView | null;
  /** Where the address looks mistyped: what was typed, and its likelier spelling. */
  slip: { typed: SubscribeValues; meant: string } | null;
}

/** `actionUrl` is where the one button of a page posts to: a GET never changes anything. */
export interface ConfirmPage extends PageBase {
  actionUrl: string;
  topics: string[];
  frequencySentence: string;
}

export interface ConfirmedPage extends PageBase {
  /** A whole sentence: "Your first digest comes on Wednesday, 25 November at 08:00 (Europe/Berlin)." */
  nextDigest: string;
  preferencesUrl: string;
}

export interface LinkProblemPage extends PageBase {
  reason: 'invalid' | 'expired';
}

/** Papers that a reader liked or wants less of, the latest first. */
export interface JudgedPapers {
  liked: JudgedPaper[];
  disliked: JudgedPaper[];
  /** Older ones, which count and are not listed. */
  unlisted: number;
}

export interface JudgedPaper {
  id: number;
  title: string;
  abstractUrl: string;
}

/** What came of papers that were added or taken back, as whole sentences. */
export interface FeedbackNotice {
  sentences: string[];
  /** Something needs another look: the notice is an alert, and stands at the form. */
  problem: boolean;
  /** Posted as `givenAt`, takes back all that was added; null where nothing was. */
  undo: string | null;
  /** What was typed and led to nothing, to be shown again. */
  typed: string;
}

export interface PreferencesPage extends PageBase, DigestState {
  /** Forms about single papers post to `/like` and `/forget` under it. */
  actionUrl: string;
  email: string;
  values: PreferenceValues;
  topicGroups: TopicGroup[];
  errors: FieldError[];
  timezones: string[];
  languages: LanguageChoice[];
  /** What becomes of choices that were just saved, as a whole sentence; null where none were. */
  saved: string | null;
  pauseUrl: string;
  unsubscribeUrl: string;
  judged: JudgedPapers;
  feedbackNotice: FeedbackNotice | null;
  /** Null unless asked for. */
  preview: DigestPreview | null;
  historyUrl: string;
  /** Of this reader's digests; whoever has the address can read it. */
  feedUrl: string;
  account: AccountState;
}

/**
 * The reader's address and data. Under the preferences' `actionUrl`, forms post `email` to `/address`, and nothing to
 * `/address/cancel`, `/export` and `/erase/undo`; `/erase` is a page.
 */
export interface AccountState {
  /** As typed, to be shown again, and what is wrong with it, as a whole sentence. */
  typed: string;
  problem: string | null;
  /** Only a digest that comes can go elsewhere. */
  canMove: boolean;
  /** The address that is asked, and until when it may agree ("1 December 2026"); null where none is. */
  asked: { email: string; until: string } | null;
  /** "Wednesday, 25 November 2026 at 08:00 (Europe/Berlin)"; null unless everything will be erased. */
  eraseAt: string | null;
}

/** Behind the link in the mail to a new address. */
export interface AddressPage extends PageBase {
  actionUrl: string;
  email: string;
}

export interface AddressChangedPage extends PageBase {
  /** That it was changed, just now or already. */
  title: string;
  email: string;
  /** A whole sentence. */
  nextDigest: string;
  preferencesUrl: string;
}

/** The button to undo posts to `/undo` under `actionUrl`. */
export interface ErasePage extends PageBase {
  actionUrl: string;
  email: string;
  /** Asked for: "Wednesday, 25 November 2026 at 08:00 (Europe/Berlin)"; null before that, and after it was undone. */
  eraseAt: string | null;
  /** What becomes of the digest after it was undone, as a whole sentence; null otherwise. */
  undone: string | null;
  preferencesUrl: string;
}

/** Whether digests come, on the pages where a reader decides about them. */
export interface DigestState {
  /** Why none does, as a whole sentence; null where they come, or will after a pause. */
  noDigest: string | null;
  /** Where the button to come back posts to; null where one click can't do that. */
  resubscribeUrl: string | null;
  /** "paused until 1 December 2026", or null. */
  paused: string | null;
}

/**
 * The forms post `until`: week, month, date (with `date`), resumed (until the reader comes back) or now (go on). Under
 * `actionUrl`, `/weekly` has digests come once a week, and `/daily` on `weekdays` again.
 */
export interface PausePage extends PageBase, DigestState {
  actionUrl: string;
  /** A whole sentence: "Your next digest comes on Wednesday, 25 November 2026 at 08:00 (Europe/Berlin)." */
  nextDigest: string | null;
  /** What was just done, as a whole sentence. */
  done: string | null;
  /** To undo a change to weekly; empty otherwise. */
  formerDays: number[];
  /** "every Monday at 08:00, Europe/Berlin"; null for who gets no more than that. */
  weekly: string | null;
  /** YYYY-MM-DD, both included. */
  dates: { first: string; last: string };
  values: { date: string };
  errors: FieldError[];
  preferencesUrl: string;
}

export interface UnsubscribePage extends PageBase {
  actionUrl: string;
  /** Null, like the link below, where the link that led here has ended: it still leaves, and tells nothing. */
  email: string | null;
  pauseUrl: string | null;
}

export interface UnsubscribedPage extends PageBase {
  /** Forms post to `/undo`, `/instead` and `/reason` under it; null where there are none. */
  actionUrl: string | null;
  canReturn: boolean;
  /** What they may come back to, posted as `change`. */
  instead: { value: string; label: string }[];
  asksReason: boolean;
  /** What they gave before: too_many, not_for_me, found_other, other. */
  reason: string | null;
  thanked: boolean;
  errors: FieldError[];
}

/** A reader's digests, newest first. */
export interface HistoryPage extends PageBase {
  digests: { date: string; subject: string; papers: number; url: string }[];
  /** "Page 2 of 12", or "" where there is one. */
  place: string;
  newerUrl: string | null;
  olderUrl: string | null;
  preferencesUrl: string;
}

export interface DigestPage extends PageBase {
  /** The token of this page's address: buttons post it along, to come back here. */
  token: string;
  digest: DigestView;
}

/** Where "more like this" and "less like this" in a mail lead. */
export interface FeedbackPage extends PageBase {
  paper: { title: string; authors: string; abstractUrl: string };
  /** What the link asks for. */
  asked: 'more' | 'less';
  standing: Standing;
  /** Said just now: what happens next is told. */
  justNow: boolean;
  /** The reader gets digests at present. */
  active: boolean;
  /** Undo posts to `/undo` under it. */
  actionUrl: string;
  preferencesUrl: string;
}

/** The local mailbox, where no mail server is set. */
export interface MailboxPage extends PageBase {
  mails: { from: string; to: string; subject: string; received: string; url: string }[];
}

export interface MailboxMailPage extends PageBase {
  mail: { from: string; to: string; subject: string; received: string; text: string };
  /** Null for a mail without HTML. */
  htmlUrl: string | null;
  sourceUrl: string;
}

export interface ErrorPage extends PageBase {
  status: number;
  heading: string;
  message: string;
  whatToDo: string;
}

export interface PageViews {
  landing: LandingPage;
  topics: TopicsPage;
  topic: TopicPage;
  search: SearchPage;
  paper: PaperPage;
  preview: PreviewPage;
  checkInbox: CheckInboxPage;
  confirm: ConfirmPage;
  confirmed: ConfirmedPage;
  linkProblem: LinkProblemPage;
  preferences: PreferencesPage;
  address: AddressPage;
  addressChanged: AddressChangedPage;
  erase: ErasePage;
  pause: PausePage;
  unsubscribe: UnsubscribePage;
  unsubscribed: UnsubscribedPage;
  history: HistoryPage;
  digest: DigestPage;
  feedback: FeedbackPage;
  mailbox: MailboxPage;
  mailboxMail: MailboxMailPage;
  error: ErrorPage;
}

export type PageName = keyof PageViews;
