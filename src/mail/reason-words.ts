/** Why a paper is in a reader's mail, in words. Pure. */
import type { Translate } from '../messages.ts';
import { type Reason, reasonsSchema, withoutCode } from '../ranking/explain.ts';
import { shorten } from './words.ts';

const TITLE_CHARS = 80;

/** Stored reasons as readers see them. */
export function wordReasons(reasons: unknown, t: Translate): string[] {
  return reasonsSchema.parse(reasons).map((reason) => wordReason(reason, t));
}

/** A liked paper's title in quotes, as it would run into the sentence around it, and short enough to be one reason of three. */
export function wordReason(reason: Reason, t: Translate): string {
  if (reason.kind !== 'liked') return explainReason(reason, t);
  return explainReason(
    { ...reason, title: t('reason.title', { title: shorten(reason.title, TITLE_CHARS) }) },
    t,
  );
}

/** The reason in a few words of plain text, without capital or full stop: several may be joined with "; ". */
export function explainReason(reason: Reason, t: Translate): string {
  switch (reason.kind) {
    case 'topic':
      return t('reason.matches', { what: asSaid(withoutCode(reason.name), t) });
    case 'keyword':
      return reason.words
        ? t('reason.mentions', { words: reason.words.join(', ') })
        : t('reason.matches', { what: reason.keyword });
    case 'related':
      return t('reason.related', { to: asSaid(withoutCode(reason.to), t), words: reason.words.join(', ') });
    case 'author':
      return t('reason.author', { name: reason.name });
    case 'category':
      return t('reason.category', { category: reason.category, topic: withoutCode(reason.topic) });
    case 'trending':
      return explainTrendOnce(reason, t);
    case 'liked':
      return t('reason.liked', { title: reason.title });
    case 'liked-together':
      return t('reason.likedTogether', { title: reason.title });
  }
}

type Trend = Extract<Reason, { kind: 'trending' }>;

const trends = new Map<string, string>();
/** Some hundred papers trend at a time. */
const MOST_TRENDS = 5000;

/** Counting in words takes longer than all else of a reason, and readers share the papers that trend. */
function explainTrendOnce(trend: Trend, t: Translate): string {
  const { upvotes, comments, githubStars, hours } = trend;
  const key = `${t.language} ${upvotes} ${comments} ${githubStars} ${hours}`;
  const known = trends.get(key);
  if (known !== undefined) return known;
  const words = explainTrend(trend, t);
  if (trends.size >= MOST_TRENDS) trends.clear();
  trends.set(key, words);
  return words;
}

function explainTrend({ upvotes, comments, githubStars, hours }: Trend, t: Translate): string {
  const time = hours < 48 ? t('reason.hours', { n: hours }) : t('reason.days', { n: Math.round(hours / 24) });
  if (upvotes) return t('reason.upvotes', { n: upvotes, time });
  if (comments) return t('reason.comments', { n: comments, time });
  // Stars are a repository's whole life's, not these hours'.
  return githubStars ? t('count.githubStars', { n: githubStars }) : t('reason.new', { time });
}

/** A topic's name within a sentence. Names are English, and a foreign word keeps its capital in other languages. */
function asSaid(name: string, { language }: Translate): string {
  return language === 'en' ? uncapitalize(name) : name;
}

/** Lower case at the start, but not of acronyms ("GUI agents") nor of words made of names ("Bayesian", "Markov"). */
function uncapitalize(name: string): string {
  return /^\p{Lu}\p{Ll}/u.test(name) && !/^(?:\p{L}+ian|Markov|Fourier|Monte|Earth)\b/u.test(name)
    ? name.charAt(0).toLowerCase() + name.slice(1)
    : name;
}
