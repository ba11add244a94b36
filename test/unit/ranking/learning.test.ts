/** Guards what the ranking learns beyond the words typed: vocabulary, filing, likes, dislikes, and what others liked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainReason } from '../../../src/mail/reason-words.ts';
import { translatorFor } from '../../../src/messages.ts';
import { buildPaperIndex, type RankablePaper } from '../../../src/ranking/paper-index.ts';
import { rankPapers } from '../../../src/ranking/rank.ts';
import { makeFiller, makePaper, makeProfile, NOW } from './make-paper.ts';

const OPTIONS = { now: NOW, k: 20, variety: false, floor: 0.05 };
const VERBS = ['learn', 'plan', 'act', 'move', 'hold', 'see', 'turn', 'lift'];

/** Papers on one subject that name it and share its vocabulary. */
const policies = VERBS.map((verb, at) =>
  makePaper({
    id: at + 1,
    title: `Vision language action policies that ${verb}`,
    abstract: `A manipulation gripper is taught to ${verb} by teleoperation demonstrations.`,
    categories: ['cs.RO'],
  }),
);
const unnamed = makePaper({
  id: 50,
  title: 'Gripper manipulation from few demonstrations',
  abstract: 'Teleoperation of a gripper gives demonstrations.',
  categories: ['cs.RO'],
});
const idsOf = (ranked: { paperId: number }[]) => ranked.map(({ paperId }) => paperId);

describe('the vocabulary of the best matches', () => {
  const index = buildPaperIndex([...policies, unnamed, ...makeFiller(60)]);
  const ranked = rankPapers(index, makeProfile({ keywords: ['vision language action'] }), OPTIONS);

  it('finds a paper that lacks every word asked for', () => {
    expect(idsOf(ranked)).toContain(50);
    expect(idsOf(ranked).slice(0, 8).sort()).toEqual(policies.map(({ id }) => id));
  });

  it('is named in the reason, in words of the paper itself', () => {
    const reason = ranked.find(({ paperId }) => paperId === 50)?.reasons[0];
    expect(reason).toMatchObject({ kind: 'related', to: 'vision language action' });
    const words = reason?.kind === 'related' ? reason.words : [];
    expect(words).toHaveLength(3);
    for (const word of words) expect(`${unnamed.title} ${unnamed.abstract}`).toContain(word);
    expect(reason && explainReason(reason, translatorFor('en'))).toBe(
      `close to vision language action (${words.join(', ')})`,
    );
  });

  it('is not learned where the ranking shall do without', () => {
    const without = buildPaperIndex([...policies, unnamed, ...makeFiller(60)], {
      without: new Set(['expansion']),
    });
    const plain = rankPapers(without, makeProfile({ keywords: ['vision language action'] }), OPTIONS);
    expect(idsOf(plain)).not.toContain(50);
  });

  it('counts more in a paper filed as the matches are, and one that nobody filed is not held back', () => {
    const twins = [
      { ...unnamed, id: 51, categories: ['q-bio.NC'] },
      { ...unnamed, id: 52, categories: [] },
    ];
    const filler = makeFiller(60).map((paper) => ({ ...paper, categories: ['math.NT'] }));
    const filed = buildPaperIndex([...policies, unnamed, ...twins, ...filler]);
    const scores = new Map(
      rankPapers(filed, makeProfile({ keywords: ['vision language action'] }), { ...OPTIONS, floor: 0 }).map(
        ({ paperId, score }) => [paperId, score],
      ),
    );
    const [same = 0, other = 0, unknown = 0] = [50, 51, 52].map((id) => scores.get(id));
    expect(same).toBeGreaterThan(1.5 * other);
    expect(unknown).toBeCloseTo(same, 5);
  });
});

describe('likes and dislikes', () => {
  const songs = VERBS.map((verb, at) =>
    makePaper({
      id: at + 20,
      title: `Melody transcription to ${verb}`,
      abstract: `Choral melody notes, ${verb}.`,
    }),
  );
  const index = buildPaperIndex([...policies, ...songs, ...makeFiller(60)]);

  it('reorder what a reader gets, and the liked paper is named', () => {
    const wishes = { keywords: ['policies', 'melody'] };
    const before = rankPapers(index, makeProfile(wishes), OPTIONS);
    const after = rankPapers(index, makeProfile({ ...wishes, likedPaperIds: [1, 2] }), OPTIONS);
    const isPolicy = ({ paperId }: { paperId: number }) => paperId < 20;
    expect(after.slice(0, 6).every(isPolicy)).toBe(true);
    expect(before.slice(0, 6).every(isPolicy)).toBe(false);
    expect(after[0]?.reasons.some((reason) => reason.kind === 'liked')).toBe(true);
  });

  it('a dislike raises no paper, lowers those like it, and does so without any like', () => {
    const wishes = { keywords: ['policies', 'melody'] };
    const options = { ...OPTIONS, floor: 0, k: 100 };
    const before = new Map(
      rankPapers(index, makeProfile(wishes), options).map(({ paperId, score }) => [paperId, score]),
    );
    const after = rankPapers(index, makeProfile({ ...wishes, dislikedPaperIds: [20] }), options);
    for (const { paperId, score } of after)
      expect(score).toBeLessThanOrEqual((before.get(paperId) ?? 0) + 1e-12);
    const song = after.find(({ paperId }) => paperId === 21);
    expect(song?.score).toBeLessThan(0.8 * (before.get(21) ?? 0));
  });

  it('bring papers that say more of the same before a title of one word of it', () => {
    const bare = makePaper({ id: 60, title: 'Melody', abstract: '' });
    const full = makePaper({
      id: 61,
      title: 'Notes of a choral singer',
      abstract: 'Melody and transcription for voices in churches, with hymns, a baseline and its faults.',
    });
    const withBoth = buildPaperIndex([...songs, bare, full, ...makeFiller(60)]);
    const ranked = idsOf(
      rankPapers(withBoth, makeProfile({ likedPaperIds: [20] }), { ...OPTIONS, floor: 0 }),
    );
    expect(ranked.slice(-2)).toEqual([61, 60]);
  });

  it('count by what the liked papers say: a title of two words less than an abstract', () => {
    const short = makePaper({ id: 70, title: 'Choral melody', abstract: '' });
    const withShort = buildPaperIndex([...policies, ...songs, short, ...makeFiller(60)]);
    const liked = makeProfile({ likedPaperIds: [70, 1] });
    const ranked = idsOf(rankPapers(withShort, liked, { ...OPTIONS, floor: 0 }));
    expect(ranked.slice(0, 7).every((id) => id < 10)).toBe(true);
  });

  it('of other readers bring a paper that shares no word with what was liked, and say so', () => {
    const likes = [
      [1, 23],
      [1, 23],
      [1, 23, 21],
    ];
    const together = buildPaperIndex([...policies, ...songs, ...makeFiller(60)], { likes });
    const ranked = rankPapers(together, makeProfile({ likedPaperIds: [1] }), { ...OPTIONS, floor: 0 });
    const song = ranked.find(({ paperId }) => paperId === 23);
    expect(song?.reasons).toContainEqual({
      kind: 'liked-together',
      paperId: 1,
      title: 'Vision language action policies that learn',
    });
    const alone = rankPapers(index, makeProfile({ likedPaperIds: [1] }), { ...OPTIONS, floor: 0 });
    expect(idsOf(alone)).not.toContain(23);
  });
});

describe('for any papers', () => {
  const word = fc.constantFrom('robot', 'vla', 'chip', 'cat', 'lamp', 'graph', 'quantum', '模型', 'melody');
  const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  const papers = fc
    .array(fc.record({ title: text, abstract: text }), { minLength: 5, maxLength: 30 })
    .map((rows) => rows.map((row, at): RankablePaper => makePaper({ ...row, id: at + 1 })));
  const profile = fc.record({
    keywords: fc.array(text, { maxLength: 3 }),
    likedPaperIds: fc.array(fc.nat(30), { maxLength: 3 }),
  });
  const all = { now: NOW, k: 1000, floor: 0, variety: false };

  it('a disliked paper raises no other', () => {
    fc.assert(
      fc.property(papers, profile, fc.integer({ min: 1, max: 30 }), (given, wishes, disliked) => {
        const index = buildPaperIndex(given);
        const before = new Map(
          rankPapers(index, makeProfile(wishes), all).map(({ paperId, score }) => [paperId, score]),
        );
        for (const { paperId, score } of rankPapers(
          index,
          makeProfile({ ...wishes, dislikedPaperIds: [disliked] }),
          all,
        )) {
          expect(score).toBeLessThanOrEqual((before.get(paperId) ?? 0) * (1 + 1e-9));
        }
      }),
    );
  });

  it('a paper with nothing in common changes no order but that of near equals', () => {
    const unrelated = makePaper({ id: 5000, title: 'zymurgy', abstract: 'zymurgy' });
    fc.assert(
      fc.property(papers, profile, (given, wishes) => {
        const base = [...given, ...makeFiller(200)];
        const before = rankPapers(buildPaperIndex(base), makeProfile(wishes), all);
        const after = rankPapers(buildPaperIndex([...base, unrelated]), makeProfile(wishes), all);
        const place = new Map(after.map(({ paperId }, at) => [paperId, at]));
        expect(place.has(5000)).toBe(false);
        before.forEach(({ paperId, score }, at) => {
          for (const lower of before.slice(at + 1)) {
            if (lower.score > 0.95 * score) continue;
            expect(place.get(paperId) ?? -1).toBeLessThan(place.get(lower.paperId) ?? 1000);
          }
        });
      }),
    );
  });
});
