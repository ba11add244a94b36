/** The one paper type that every source returns, and what makes two records the same paper. */
import { z } from 'zod';

/** A link that may be shown to readers: http(s) only, so a hostile feed can't plant `javascript:`. */
const webUrl = z.string().max(2000).refine(isWebUrl, 'must be an http(s) address');

/** Text that Postgres can hold: no NUL, and no half of a surrogate pair. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    // The first question is quick, and for nearly all text the answer.
    .refine(
      (value) => !/[\0\ud800-\udfff]/.test(value) || !/[\0\p{Cs}]/u.test(value),
      'must not hold NUL or half characters',
    );

/** As large as the column that keeps it. */
const count = z.number().int().min(0).max(2_147_483_647).nullable().default(null);

export const paperSchema = z.object({
  /** Who told us: `hf`, `arxiv`, `seed`, `file`. */
  source: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** The source's own id for it, unique within the source. */
  externalId: text(300).min(1),
  arxivId: text(40).nullable().default(null),
  /** arXiv's version number; 1 where the source gives none. */
  version: z.number().int().min(1).max(1000).default(1),
  doi: text(300).nullable().default(null),
  title: text(1000).min(1),
  abstract: text(20_000).default(''),
  /** Full names in the paper's order. */
  authors: z.array(text(200).min(1)).max(5000).default([]),
  /** arXiv categories as arXiv spells them, primary first: `cs.CL`. */
  categories: z.array(text(40)).max(40).default([]),
  /** Of its first version; null where the source doesn't tell. */
  publishedAt: z.date().nullable().default(null),
  /** Its authors or the archive took it back: it is kept and never sent. */
  withdrawn: z.boolean().default(false),
  url: webUrl.nullable().default(null),
  codeUrl: webUrl.nullable().default(null),
  /** Where it appeared in print, as a reader would name it: `NeurIPS 2025`, `Nature`. */
  venue: text(300).nullable().default(null),
  /** A PDF that anyone may open. */
  openAccessUrl: webUrl.nullable().default(null),
  /** Broad ones, whichever body names them: `Computer Science`. */
  fieldsOfStudy: z.array(text(100).min(1)).max(40).default([]),
  /** What the source counted when it was asked; null where it doesn't count such a thing. */
  trend: z
    .object({
      observedAt: z.date(),
      /** When the source began to show the paper, the start of its clock. */
      listedAt: z.date(),
      upvotes: count,
      comments: count,
      githubStars: count,
      citations: count,
    })
    .nullable()
    .default(null),
});

export type Paper = z.infer<typeof paperSchema>;

/**
 * Stands for "when it was first seen" in a paper that only readers' own lists have told of: it was never news, so no
 * digest brings it, and it gives way to what a source tells of the same paper.
 */
export const NEVER_NEWS = new Date(0);

/** An address that a reader's browser may be sent to. */
export function isWebUrl(value: string): boolean {
  try {
    const { protocol } = new URL(value);
    return protocol === 'https:' || protocol === 'http:';
  } catch {
    return false;
  }
}

/** What may stand before and after an id in addresses, DOIs (`10.48550/arXiv.2412.07720`) and prose. */
const BEFORE = String.raw`(?:^|[/:\s([]|arxiv\.)`;
const AFTER = String.raw`(?:v(\d{1,3}))?(?:\.pdf)?(?=$|[\s?#/)\],;]|\.(?!\d))`;
/** Two digits of year, then a month, so that few other numbers pass for an id. */
const ARXIV_NEW = new RegExp(String.raw`${BEFORE}(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})${AFTER}`, 'i');
const ARXIV_OLD = new RegExp(String.raw`${BEFORE}([a-z][a-z-]*(?:\.[a-z]{2})?\/\d{7})${AFTER}`, 'i');

/**
 * Reads an arXiv id, old or new style, with or without version, bare or inside a URL.
 * Returns the id without its version in lower case, or null where there is none.
 */
export function parseArxivId(text: string): { id: string; version: number | null } | null {
  const match = ARXIV_NEW.exec(text) ?? ARXIV_OLD.exec(text);
  if (!match?.[1]) return null;
  // Old ids may carry a subject class (math.GT/0309136) that is not part of the identity.
  const id = match[1].toLowerCase().replace(/\.[a-z]{2}\//, '/');
  return { id, version: match[2] ? Number(match[2]) : null };
}
