/** Small papers and profiles for ranking tests: name what matters, the rest is filled in. */
import type { RankablePaper } from '../../../src/ranking/paper-index.ts';
import type { ProfileTopic, ReaderProfile } from '../../../src/ranking/profile.ts';

export const NOW = new Date('2026-08-04T06:00:00Z');

export function makePaper(paper: Partial<RankablePaper> & { id: number }): RankablePaper {
  return {
    title: `Untitled ${paper.id}`,
    abstract: '',
    authors: [],
    categories: [],
    publishedAt: new Date('2026-08-03T00:00:00Z'),
    trend: null,
    ...paper,
  };
}

/** A count taken `hours` after listing, the latest at NOW. */
export function makeTrend(upvotes: number, hours = 9): NonNullable<RankablePaper['trend']> {
  return {
    upvotes,
    comments: null,
    githubStars: null,
    listedAt: new Date(NOW.getTime() - hours * 3_600_000),
    observedAt: NOW,
  };
}

export function makeProfile(profile: Partial<ReaderProfile> = {}): ReaderProfile {
  return {
    topics: [],
    keywords: [],
    excluded: [],
    authors: [],
    likedPaperIds: [],
    dislikedPaperIds: [],
    ...profile,
  };
}

export function makeTopic(topic: Partial<ProfileTopic> & { slug: string }): ProfileTopic {
  return { name: topic.slug, keywords: [], categories: [], ...topic };
}

/** Filler that makes the words under test as rare as they are in a real edition. */
export function makeFiller(count: number, firstId = 9000): RankablePaper[] {
  const words = 'basalt copper meadow lantern harbor violin pepper glacier saddle orchard'.split(' ');
  return Array.from({ length: count }, (_, at) =>
    makePaper({
      id: firstId + at,
      title: `${words[at % 10]} ${words[(at * 3 + 1) % 10]} number${at}`,
      abstract: `On ${words[(at * 7 + 2) % 10]} and ${words[(at + 5) % 10]}, part${at}.`,
    }),
  );
}
