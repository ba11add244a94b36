/** Which papers of an edition go into one reader's digest, and which are named at its end. Pure. */
import { readQuery } from '../ranking/query.ts';
import { type RankedPaper, rankPapers } from '../ranking/rank.ts';
import { DEFAULT_FLOOR } from '../ranking/tuning.ts';
import { findAlsoTrending } from './also-trending.ts';
import type { DueReader, NewDigest } from './digests.repo.ts';
import type { Edition } from './edition.ts';
import { setOfBoth } from './set-of-both.ts';

/** Under this relevance a paper is not worth the reader's morning. */
const FLOOR: Record<DueReader['pickiness'], number> = {
  low: DEFAULT_FLOOR * 0.6,
  medium: DEFAULT_FLOOR,
  high: DEFAULT_FLOOR * 1.6,
};

/** A first digest with fewer papers than this would look like a mistake, so trending ones join it. */
const FEWEST_AT_FIRST = 3;
const FILLED_TO = 5;

export interface Selection {
  papers: RankedPaper[];
  /** True where trending papers stand in for what did not match. */
  filled: boolean;
  alsoTrending: NewDigest['alsoTrending'];
}

/** What of a reader decides which papers they get. */
export type Chooser = Pick<
  DueReader,
  | 'topicIds'
  | 'keywords'
  | 'excluded'
  | 'authors'
  | 'likedPaperIds'
  | 'dislikedPaperIds'
  | 'paperCount'
  | 'pickiness'
  | 'lastDigestAt'
>;

/** `sent` holds the papers this reader got before. An empty selection means: no digest today. */
export function selectPapers(
  edition: Edition,
  reader: Chooser,
  sent: ReadonlySet<number>,
  at: Date,
): Selection {
  const profile = readQuery({
    topics: reader.topicIds.flatMap((id) => edition.topics.get(id) ?? []),
    keywords: reader.keywords,
    excluded: reader.excluded,
    authors: reader.authors,
    likedPaperIds: reader.likedPaperIds,
    dislikedPaperIds: reader.dislikedPaperIds,
  });
  const isFirst = reader.lastDigestAt === null;
  const seen = new Set(sent);
  if (reader.lastDigestAt) {
    const since = reader.lastDigestAt.getTime();
    for (const { id, newsAt } of edition.papers.values()) if (newsAt.getTime() <= since) seen.add(id);
  }
  const options = {
    now: at,
    k: reader.paperCount,
    floor: FLOOR[reader.pickiness],
    seen: setOfBoth(edition.comparedIds, seen),
  };
  // Someone who chose nothing asked for what is trending.
  const { topics, keywords, authors, likedPaperIds } = profile;
  const choseNothing = topics.length + keywords.length + authors.length + likedPaperIds.length === 0;
  if (choseNothing) {
    return {
      papers: rankPapers(edition.index, profile, { ...options, fillWithTrending: true }),
      filled: true,
      alsoTrending: [],
    };
  }
  const withAlso = (papers: RankedPaper[], filled: boolean) => ({
    papers,
    filled,
    alsoTrending: findAlsoTrending(edition.index, profile, { ...options, chosen: papers }),
  });
  const papers = rankPapers(edition.index, profile, options);
  if (!isFirst || papers.length >= FEWEST_AT_FIRST) return withAlso(papers, false);
  const k = Math.min(FILLED_TO, reader.paperCount);
  return withAlso(rankPapers(edition.index, profile, { ...options, k, fillWithTrending: true }), true);
}

/** A selection as it is shown. */
export function withPapers(edition: Edition, { papers, filled, alsoTrending }: Selection) {
  const paperOf = (id: number) => edition.papers.get(id);
  return {
    filled,
    papers: papers.flatMap(({ paperId, reasons }) => {
      const paper = paperOf(paperId);
      return paper ? [{ paper, reasons }] : [];
    }),
    alsoTrending: alsoTrending.flatMap(({ paperId, reason }) => {
      const paper = paperOf(paperId);
      return paper ? [{ paper, reason }] : [];
    }),
  };
}
