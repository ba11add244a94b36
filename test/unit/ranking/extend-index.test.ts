/** Guards that papers added to an index for one question count as they would in an index built with them, and leave no trace. */
import { describe, expect, it } from 'vitest';
import { extendIndex } from '../../../src/ranking/extend-index.ts';
import { buildPaperIndex, type PaperIndex } from '../../../src/ranking/paper-index.ts';
import { rankPapers } from '../../../src/ranking/rank.ts';
import { makeFiller, makePaper, makeProfile, makeTopic, NOW } from './make-paper.ts';

const SUBJECTS = ['tactile skins', 'sonar caves', 'legged gaits', 'protein folding'];
const candidates = SUBJECTS.flatMap((subject, nth) =>
  ['learned', 'cheap', 'robust', 'fast'].map((way, at) =>
    makePaper({
      id: 1 + nth * 4 + at,
      title: `${way} ${subject}`,
      abstract: `We study ${subject} that are ${way}, with ${SUBJECTS[(nth + 1) % 4]} in mind.`,
      categories: [nth < 3 ? 'cs.RO' : 'q-bio.BM'],
    }),
  ),
);
const papers = [...candidates, ...makeFiller(200)];
const liked = [
  makePaper({ id: 70, title: 'Feeling with tactile skins', abstract: 'Tactile skins feel slip.' }),
  makePaper({ id: -1, title: 'Touch sense: tactile skins, unheard', abstract: '', categories: ['cs.RO'] }),
];
const profile = makeProfile({
  topics: [makeTopic({ slug: 'caves', name: 'Caves', keywords: ['sonar caves'] })],
  keywords: ['legged gaits'],
  likedPaperIds: [70, -1],
});
const options = { now: NOW, k: 12, seen: new Set([70, -1]) };
const ask = (index: PaperIndex, who = profile) => rankPapers(index, who, options);

describe('an index with a few papers more', () => {
  it('ranks as one that was built with them, with the same reasons', () => {
    const extended = ask(extendIndex(buildPaperIndex(papers), liked));
    const built = ask(buildPaperIndex([...papers, ...liked]));
    expect(extended.length).toBeGreaterThan(6);
    const byId = new Map(built.map((paper) => [paper.paperId, paper]));
    for (const { paperId, score, reasons } of extended) {
      expect(reasons).toEqual(byId.get(paperId)?.reasons);
      // Two papers among two hundred make words a little less rare, and nothing more.
      expect(Math.abs(score / (byId.get(paperId)?.score ?? 0) - 1)).toBeLessThan(0.05);
    }
    expect(extended.flatMap(({ reasons }) => reasons)).toContainEqual(
      expect.objectContaining({ kind: 'liked', title: 'Feeling with tactile skins' }),
    );
  });

  it('holds every entry in its place: by term, papers and places ascending, and vectors of unit length', () => {
    const { postings } = extendIndex(buildPaperIndex(papers), liked);
    const { start, placeStart, vectorStart, vectorTerms, vectorWeights } = postings;
    for (let term = 0; term + 1 < start.length; term += 1) {
      const entries = postings.papers.subarray(start[term], start[term + 1]);
      expect([...entries]).toEqual([...new Set(entries)].sort((a, b) => a - b));
    }
    expect(start.at(-1)).toBe(postings.papers.length);
    expect(placeStart.at(-1)).toBe(postings.places.length);
    const skins = postings.terms.get('skin') ?? -1;
    const last = (start[skins + 1] ?? 0) - 1;
    expect(postings.papers[last]).toBe(papers.length + 1);
    expect([...postings.places.subarray(placeStart[last], placeStart[last + 1])]).toEqual([3]);
    expect(vectorStart).toHaveLength(papers.length + 3);
    expect(vectorStart.at(-1)).toBe(vectorTerms.length);
    const weights = vectorWeights.subarray(vectorStart[papers.length], vectorStart[papers.length + 1]);
    // Shorter than one by what no other paper says: "feeling".
    const length = Math.hypot(...weights);
    expect(length).toBeGreaterThan(0.5);
    expect(length).toBeLessThanOrEqual(1);
  });

  it('leaves the index that it was made from as it was, for those who ask next', () => {
    const base = buildPaperIndex(papers);
    const before = ask(base, makeProfile({ keywords: ['tactile skins'] }));
    ask(extendIndex(base, liked), { ...profile, keywords: ['tactile skins', 'legged gaits'] });
    expect(ask(base, makeProfile({ keywords: ['tactile skins'] }))).toEqual(before);
    expect(base.papers).toHaveLength(papers.length);
    expect(base.ordinals.has(-1)).toBe(false);
  });

  it('is the same one where it holds all of them, and takes a paper without words', () => {
    const base = buildPaperIndex(papers);
    expect(extendIndex(base, candidates)).toBe(base);
    const extended = extendIndex(base, [makePaper({ id: -5, title: '…' })]);
    const idsOf = (ranked: ReturnType<typeof ask>) => ranked.map(({ paperId }) => paperId);
    expect(idsOf(ask(extended, makeProfile({ likedPaperIds: [-5], keywords: ['sonar caves'] })))).toEqual(
      idsOf(ask(base, makeProfile({ keywords: ['sonar caves'] }))),
    );
  });
});
