/** Guards what must hold of a ranking for any papers and any profile, and for extreme ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainReason } from '../../../src/mail/reason-words.ts';
import { translatorFor } from '../../../src/messages.ts';
import { type Reason, reasonsSchema } from '../../../src/ranking/explain.ts';
import { buildPaperIndex, type RankablePaper } from '../../../src/ranking/paper-index.ts';
import type { ReaderProfile } from '../../../src/ranking/profile.ts';
import { rankPapers } from '../../../src/ranking/rank.ts';
import { makeProfile, makeTrend, NOW } from './make-paper.ts';

/** Words without inflection, so that a test can look for them in the raw text. */
const WORDS = ['robot', 'vla', 'chip', 'cat', 'lamp', 'graph', 'quantum', '模型', '🤗', 'naïve', 'co-design'];
const word = fc.constantFrom(...WORDS);
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
const author = fc.constantFrom('Ada Byron', 'A. Byron', 'Li Wei', 'José Núñez');
const category = fc.constantFrom('cs.CL', 'cs.RO', 'math.NT');

const papersArbitrary = fc
  .array(
    fc.record({
      title: text,
      abstract: text,
      authors: fc.array(author, { maxLength: 2 }),
      categories: fc.array(category, { maxLength: 2 }),
      upvotes: fc.option(fc.nat(200)),
      hours: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 25 },
  )
  .map((rows) =>
    rows.map(
      ({ upvotes, hours, ...paper }, at): RankablePaper => ({
        ...paper,
        id: at + 1,
        publishedAt: NOW,
        trend: upvotes === null ? null : makeTrend(upvotes, hours),
      }),
    ),
  );

const profileArbitrary: fc.Arbitrary<ReaderProfile> = fc.record({
  topics: fc.uniqueArray(
    fc.record({
      slug: fc.constantFrom('cs-cl', 'robots', 'math'),
      name: phrase,
      keywords: fc.array(phrase, { maxLength: 3 }),
      categories: fc.constantFrom(['cs.CL'], ['cs.RO', 'cs.CL'], ['math'], []),
    }),
    { maxLength: 3, selector: ({ slug }) => slug },
  ),
  keywords: fc.array(phrase, { maxLength: 3 }),
  excluded: fc.array(word, { maxLength: 2 }),
  authors: fc.array(author, { maxLength: 2 }),
  likedPaperIds: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
  dislikedPaperIds: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 2 }),
});

const optionsArbitrary = fc.record({
  now: fc.constant(NOW),
  k: fc.integer({ min: 0, max: 12 }),
  floor: fc.constantFrom(0, 0.25, 0.6),
  variety: fc.boolean(),
  fillWithTrending: fc.boolean(),
});

const holds = (paper: RankablePaper, words: string) =>
  words.split(' ').every((part) => `${paper.title} ${paper.abstract}`.includes(part));

function isTrue(reason: Reason, paper: RankablePaper, profile: ReaderProfile): boolean {
  switch (reason.kind) {
    case 'topic': {
      const topic = profile.topics.find(({ slug }) => slug === reason.slug);
      return topic !== undefined && [topic.name, ...topic.keywords].some((keyword) => holds(paper, keyword));
    }
    case 'keyword': {
      const words = reason.words ?? [];
      const isWhole = reason.words === undefined && holds(paper, reason.keyword);
      const folded = `${paper.title} ${paper.abstract}`.replaceAll('ï', 'i');
      const isPart = words.length > 0 && words.every((part) => folded.includes(part));
      return profile.keywords.includes(reason.keyword) && (isWhole || isPart);
    }
    case 'related': {
      const typed = [...profile.keywords, ...profile.topics.map(({ name }) => name)];
      return typed.includes(reason.to) && reason.words.every((part) => holds(paper, part));
    }
    case 'author':
      return paper.authors.includes(reason.name) && profile.authors.length > 0;
    case 'category':
      return paper.categories.includes(reason.category);
    case 'trending':
      return paper.trend?.upvotes === reason.upvotes;
    case 'liked':
    case 'liked-together':
      return profile.likedPaperIds.includes(reason.paperId);
  }
}

describe('for any papers and any profile', () => {
  it('scores are finite, papers come once, best first, at most k, with one to three reasons that are true', () => {
    fc.assert(
      fc.property(papersArbitrary, profileArbitrary, optionsArbitrary, (papers, profile, options) => {
        const ranked = rankPapers(buildPaperIndex(papers), profile, options);
        expect(ranked.length).toBeLessThanOrEqual(options.k);
        expect(new Set(ranked.map(({ paperId }) => paperId)).size).toBe(ranked.length);
        ranked.forEach(({ paperId, score, reasons }, at) => {
          expect(Number.isFinite(score)).toBe(true);
          expect(score).toBeLessThanOrEqual(ranked[at - 1]?.score ?? Number.POSITIVE_INFINITY);
          expect(reasonsSchema.parse(reasons)).toEqual(reasons);
          expect(reasons.length).toBeGreaterThanOrEqual(1);
          expect(reasons.length).toBeLessThanOrEqual(3);
          const paper = papers.find(({ id }) => id === paperId);
          for (const reason of reasons) {
            expect(explainReason(reason, translatorFor('en'))).not.toBe('');
            expect(paper && isTrue(reason, paper, profile)).toBe(true);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('the order of the papers given plays no part, nor do readers asked before', () => {
    fc.assert(
      fc.property(
        papersArbitrary.chain((papers) =>
          fc.tuple(fc.constant(papers), fc.shuffledSubarray(papers, { minLength: papers.length })),
        ),
        profileArbitrary,
        profileArbitrary,
        optionsArbitrary,
        ([papers, shuffled], profile, before, options) => {
          const used = buildPaperIndex(shuffled);
          rankPapers(used, before, options);
          expect(rankPapers(used, profile, options)).toEqual(
            rankPapers(buildPaperIndex(papers), profile, options),
          );
        },
      ),
    );
  });

  it('no paper with an excluded word, and none liked, disliked or seen, ever appears', () => {
    fc.assert(
      fc.property(papersArbitrary, profileArbitrary, optionsArbitrary, (papers, profile, options) => {
        const seen = new Set([2, 5]);
        const barred = [...profile.likedPaperIds, ...profile.dislikedPaperIds, ...seen];
        for (const { paperId } of rankPapers(buildPaperIndex(papers), profile, { ...options, seen })) {
          const paper = papers.find(({ id }) => id === paperId);
          expect(barred).not.toContain(paperId);
          for (const excluded of profile.excluded) expect(paper && holds(paper, excluded)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('odd text is no error', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('', ' ', '-', '__proto__'),
    );
    const odds = fc.array(odd, { maxLength: 5 });
    fc.assert(
      fc.property(odd, odds, odds, odds, (title, keywords, excluded, authors) => {
        const index = buildPaperIndex([
          { id: 1, title, abstract: title, authors, categories: keywords, publishedAt: NOW, trend: null },
        ]);
        const topics = [{ slug: title, name: title, keywords, categories: excluded }];
        const profile = makeProfile({ topics, keywords, excluded, authors });
        expect(rankPapers(index, profile, { now: NOW, k: 3 }).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('extreme profiles and editions', () => {
  const papers = Array.from(
    { length: 600 },
    (_, at): RankablePaper => ({
      id: at + 1,
      title: 'Robot hands',
      abstract: 'All of these are the same.',
      authors: ['Ada Byron'],
      categories: ['cs.RO'],
      publishedAt: NOW,
      trend: null,
    }),
  );
  const tenThousand = Array.from({ length: 10_000 }, (_, at) => `robot word${at}`);

  it('no papers at all give an empty list', () => {
    const profile = makeProfile({ keywords: ['robot'], likedPaperIds: [1], authors: ['Ada Byron'] });
    expect(rankPapers(buildPaperIndex([]), profile, { now: NOW, k: 5, fillWithTrending: true })).toEqual([]);
  });

  it('ten thousand words as one keyword, as a list or as exclusions are borne', () => {
    const index = buildPaperIndex(papers.slice(0, 5));
    const long = makeProfile({ keywords: [tenThousand.join(' ')] });
    expect(rankPapers(index, long, { now: NOW, k: 5, floor: 0 })).toHaveLength(1);
    const list = makeProfile({ keywords: tenThousand, excluded: tenThousand });
    expect(rankPapers(index, list, { now: NOW, k: 5, floor: 0 })).toHaveLength(1);
  });

  it('five hundred liked papers and as many equal candidates are borne', () => {
    const profile = makeProfile({
      keywords: ['robot'],
      likedPaperIds: papers.slice(0, 500).map(({ id }) => id),
    });
    const ranked = rankPapers(buildPaperIndex(papers), profile, { now: NOW, k: 5, variety: false });
    expect(ranked.map(({ paperId }) => paperId)).toEqual([600, 599, 598, 597, 596]);
  });
});
