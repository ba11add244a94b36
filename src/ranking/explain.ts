/** Why a paper is in a reader's mail: the stored form of a reason, and the words that a person reads. */
import { z } from 'zod';

const count = z.number().int().min(0).nullable();

export const reasonSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('topic'), slug: z.string(), name: z.string() }),
  z.object({
    kind: z.literal('keyword'),
    keyword: z.string(),
    /** The words of it that are in the paper, where not all of them are. */
    words: z.array(z.string()).optional(),
  }),
  /** Words of the paper that are frequent in papers on a keyword or topic that it does not name itself. */
  z.object({ kind: z.literal('related'), to: z.string(), words: z.array(z.string()).min(1) }),
  /** The name as the paper has it. */
  z.object({ kind: z.literal('author'), name: z.string() }),
  /** The paper's category, and the name of the topic that asked for it. */
  z.object({ kind: z.literal('category'), category: z.string(), topic: z.string() }),
  z.object({
    kind: z.literal('trending'),
    upvotes: count,
    comments: count,
    githubStars: count,
    /** From listing to counting. */
    hours: z.number().int().min(1),
  }),
  /** A paper the reader liked that this one resembles. */
  z.object({ kind: z.literal('liked'), paperId: z.number().int(), title: z.string() }),
  /** A paper the reader liked whose other readers liked this one too. */
  z.object({ kind: z.literal('liked-together'), paperId: z.number().int(), title: z.string() }),
]);

export const reasonsSchema = z.array(reasonSchema);

export type Reason = z.infer<typeof reasonSchema>;

/** The reason in a few words of plain text, without capital or full stop: several may be joined with "; ". */
export function explainReason(reason: Reason): string {
  switch (reason.kind) {
    case 'topic':
      return `matches ${uncapitalize(withoutCode(reason.name))}`;
    case 'keyword':
      return reason.words ? `mentions ${reason.words.join(', ')}` : `matches ${reason.keyword}`;
    case 'related':
      return `close to ${uncapitalize(withoutCode(reason.to))} (${reason.words.join(', ')})`;
    case 'author':
      return `by ${reason.name}, whom you follow`;
    case 'category':
      return `in ${reason.category} (${withoutCode(reason.topic)})`;
    case 'trending':
      return explainTrend(reason);
    case 'liked':
      return `like ${reason.title}, which you liked`;
    case 'liked-together':
      return `liked by others who liked ${reason.title}`;
  }
}

function explainTrend({
  upvotes,
  comments,
  githubStars,
  hours,
}: Extract<Reason, { kind: 'trending' }>): string {
  const time = hours < 48 ? countOf(hours, 'hour') : countOf(Math.round(hours / 24), 'day');
  if (upvotes) return `${countOf(upvotes, 'upvote')} in ${time}`;
  if (comments) return `${countOf(comments, 'comment')} in ${time}`;
  // Stars are a repository's whole life's, not these hours'.
  return githubStars ? countOf(githubStars, 'GitHub star') : `new in the last ${time}`;
}

const COUNTS = new Intl.NumberFormat('en-US');

function countOf(amount: number, noun: string): string {
  return `${COUNTS.format(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** "Computation and Language (cs.CL)" without its code. */
export function withoutCode(name: string): string {
  return name.replace(/\s*\([a-z-]+(?:\.[A-Za-z-]+)?\)$/, '');
}

/** Lower case at the start, but not of acronyms ("GUI agents") nor of words made of names ("Bayesian", "Markov"). */
function uncapitalize(name: string): string {
  return /^\p{Lu}\p{Ll}/u.test(name) && !/^(?:\p{L}+ian|Markov|Fourier|Monte|Earth)\b/u.test(name)
    ? name.charAt(0).toLowerCase() + name.slice(1)
    : name;
}
