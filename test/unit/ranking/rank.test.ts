/** Guards what a reader gets: matching, exclusions, trend, floor, variety and reasons. */
import { describe, expect, it } from 'vitest';
import { buildPaperIndex, type RankablePaper } from '../../../src/ranking/paper-index.ts';
import type { ReaderProfile } from '../../../src/ranking/profile.ts';
import { type RankOptions, rankPapers } from '../../../src/ranking/rank.ts';
import { makeFiller, makePaper, makeProfile, makeTopic, makeTrend, NOW } from './make-paper.ts';

function rank(papers: RankablePaper[], profile: Partial<ReaderProfile>, options: Partial<RankOptions> = {}) {
  const index = buildPaperIndex([...papers, ...makeFiller(60)]);
  return rankPapers(index, makeProfile(profile), { now: NOW, k: 10, ...options });
}
const idsOf = (ranked: { paperId: number }[]) => ranked.map(({ paperId }) => paperId);

describe('keywords', () => {
  it('found in the title outweigh the same in the abstract', () => {
    const papers = [
      makePaper({ id: 1, title: 'On speech', abstract: 'We treat tokenizers and other things.' }),
      makePaper({ id: 2, title: 'On tokenizers', abstract: 'We treat speech and other things.' }),
    ];
    expect(idsOf(rank(papers, { keywords: ['tokenizer'] }, { variety: false }))).toEqual([2, 1]);
  });

  it('found as a phrase outweigh the same words apart', () => {
    const papers = [
      makePaper({ id: 1, title: 'Diffusion language models' }),
      makePaper({ id: 2, title: 'Language and diffusion, models' }),
    ];
    expect(idsOf(rank(papers, { keywords: ['diffusion language models'] }, { variety: false }))).toEqual([
      1, 2,
    ]);
  });

  it.each([
    ['vision language action', 'A vision-language-action policy'],
    ['Vision-Language-Action', 'A vision language action policy'],
    ['pretraining', 'Better pre-training'],
    ['pre-training', 'Better pretraining'],
    ['VLA', 'Two VLAs compared'],
    ['语言模型', '大规模语言模型研究'],
    ['🤗', 'Models of the 🤗 hub'],
  ])('%j finds "%s"', (keyword, title) => {
    const [first] = rank([makePaper({ id: 1, title })], { keywords: [keyword] });
    expect(first).toMatchObject({ paperId: 1, reasons: [{ kind: 'keyword', keyword }] });
  });

  it('of which only some words are there are not claimed whole', () => {
    const [first] = rank(
      [makePaper({ id: 1, title: 'Quantum chips' })],
      { keywords: ['quantum error correction'] },
      { floor: 0 },
    );
    expect(first?.reasons).toEqual([
      { kind: 'keyword', keyword: 'quantum error correction', words: ['quantum'] },
    ]);
  });

  it('met strongly by one paper beat several met weakly by another', () => {
    const body = 'Among many things in this long text of ours about nearly nothing in particular we name ';
    const papers = [
      makePaper({ id: 1, title: 'Federated unlearning', abstract: 'Federated unlearning made plain.' }),
      makePaper({ id: 2, abstract: `${body.repeat(3)} sparse weights, graph cuts and federated things.` }),
    ];
    const keywords = ['federated unlearning', 'sparse attention', 'graph matching'];
    expect(idsOf(rank(papers, { keywords }, { floor: 0 }))[0]).toBe(1);
  });
});

describe('topics', () => {
  const vla = makeTopic({
    slug: 'vision-language-action-models',
    name: 'Vision-language-action models',
    keywords: ['vla', 'action chunking'],
    categories: ['cs.RO'],
  });

  it('are met by any one of their keywords, never by half of one or by a usual category alone', () => {
    const papers = [
      makePaper({ id: 1, title: 'Action chunking works' }),
      makePaper({ id: 2, title: 'Actions speak' }),
      makePaper({ id: 3, title: 'Legged robots', categories: ['cs.RO'] }),
    ];
    const ranked = rank(papers, { topics: [vla] });
    expect(idsOf(ranked)).toEqual([1]);
    expect(ranked[0]?.reasons).toEqual([{ kind: 'topic', slug: vla.slug, name: vla.name }]);
  });

  it('that are an arXiv category give its papers, the best trending first', () => {
    const topic = makeTopic({
      slug: 'cs-cl',
      name: 'Computation and Language (cs.CL)',
      keywords: ['parsing'],
      categories: ['cs.CL'],
    });
    const papers = [
      makePaper({ id: 1, title: 'Parsing', categories: ['cs.CL'], trend: makeTrend(1) }),
      makePaper({ id: 2, title: 'Translation', categories: ['cs.LG', 'cs.CL'], trend: makeTrend(90) }),
      makePaper({ id: 3, title: 'Parsing pictures', categories: ['cs.CV'], trend: makeTrend(200) }),
    ];
    const ranked = rank(papers, { topics: [topic] });
    expect(idsOf(ranked)).toEqual([2, 1]);
    expect(ranked[0]?.reasons[0]).toEqual({ kind: 'category', category: 'cs.CL', topic: topic.name });
  });

  it('that are a whole archive take all its categories and no other archive of like name', () => {
    const topic = makeTopic({ slug: 'math', name: 'Mathematics (math)', categories: ['math'] });
    const papers = ['math.NT', 'math-ph', 'math'].map((category, at) =>
      makePaper({ id: at + 1, categories: [category] }),
    );
    expect(idsOf(rank(papers, { topics: [topic] })).sort()).toEqual([1, 3]);
  });

  it('each get a place, though one of them could fill the mail', () => {
    const tokens = 'amber birch cedar delta ember fjord grove haven inlet jetty'.split(' ');
    const many = tokens.map((word, at) =>
      makePaper({ id: at + 1, title: `VLA ${word}`, abstract: `VLA ${word} ${word}` }),
    );
    const one = makePaper({
      id: 50,
      title: 'A longer title',
      abstract: `${'All else is said. '.repeat(4)} slam`,
    });
    const slam = makeTopic({ slug: 'slam', name: 'SLAM' });
    expect(idsOf(rank([...many, one], { topics: [vla, slam] }, { k: 4 }))).toContain(50);
    expect(idsOf(rank([...many, one], { topics: [vla, slam] }, { k: 4, variety: false }))).not.toContain(50);
  });
});

describe('people, likes and exclusions', () => {
  it('a followed author comes first, and is named as the paper names them', () => {
    const papers = [
      makePaper({ id: 1, title: 'Robots robots', abstract: 'robots' }),
      makePaper({ id: 2, title: 'Other matters', authors: ['Chelsea Finn'] }),
    ];
    const ranked = rank(papers, { keywords: ['robots'], authors: ['C. Finn'] });
    expect(idsOf(ranked)).toEqual([2, 1]);
    expect(ranked[0]?.reasons).toEqual([{ kind: 'author', name: 'Chelsea Finn' }]);
  });

  it('an excluded word keeps a paper out in any form, and longer words are not mistaken for it', () => {
    const papers = [
      makePaper({ id: 1, title: 'Robot surveys', abstract: 'A plain text.' }),
      makePaper({ id: 2, title: 'Robot', abstract: 'A pre-training recipe.' }),
      makePaper({ id: 3, title: 'Robot generation', abstract: 'Survival of training.' }),
    ];
    const excluded = ['Survey', 'pretraining', 'generic', ''];
    expect(idsOf(rank(papers, { keywords: ['robot'], excluded }))).toEqual([3]);
  });

  it('an excluded phrase keeps out the phrase alone', () => {
    const papers = [
      makePaper({ id: 1, title: 'Robot image generation' }),
      makePaper({ id: 2, title: 'Robot images, video generation' }),
    ];
    const found = rank(papers, { keywords: ['robot'], excluded: ['image generation'] });
    expect(idsOf(found)).toEqual([2]);
  });

  it('liked papers bring their like, with the reason, and are not sent again themselves', () => {
    const papers = [
      makePaper({ id: 1, title: 'Grasping with tactile skin', abstract: 'Tactile skin for grasping.' }),
      makePaper({ id: 2, title: 'Tactile grasping', abstract: 'Skin that feels what it holds.' }),
      makePaper({ id: 3, title: 'Tactile skin again', abstract: 'Grasping.' }),
    ];
    const ranked = rank(papers, { likedPaperIds: [1, 77_777], dislikedPaperIds: [3] });
    expect(idsOf(ranked)).toEqual([2]);
    expect(ranked[0]?.reasons).toEqual([{ kind: 'liked', paperId: 1, title: 'Grasping with tactile skin' }]);
  });

  it('papers seen before or published too early are not returned', () => {
    const early = new Date('2026-07-01T00:00:00Z');
    const papers = [1, 2, 3].map((id) => makePaper({ id, title: `Robot number${id}` }));
    const [first] = papers;
    if (first) first.publishedAt = early;
    const found = rank(papers, { keywords: ['robot'] }, { seen: new Set([2]), notBefore: NOW_MINUS_A_WEEK });
    expect(idsOf(found)).toEqual([3]);
  });
});

const NOW_MINUS_A_WEEK = new Date(NOW.getTime() - 7 * 86_400_000);

describe('trend, floor and filling', () => {
  it('a trend reorders papers of like relevance and is told where it stands out', () => {
    const papers = [
      makePaper({ id: 1, title: 'Robot alpha', trend: makeTrend(58) }),
      makePaper({ id: 2, title: 'Robot beta', trend: makeTrend(2) }),
    ];
    const ranked = rank(papers, { keywords: ['robot'] });
    expect(idsOf(ranked)).toEqual([1, 2]);
    expect(ranked[0]?.reasons[1]).toMatchObject({ kind: 'trending', upvotes: 58, hours: 9 });
    expect(ranked[1]?.reasons).toHaveLength(1);
  });

  it('no trend drags in a paper that matches nothing, and a quiet day is empty', () => {
    const papers = [makePaper({ id: 1, title: 'Famous', trend: makeTrend(5000) })];
    expect(rank(papers, { keywords: ['robot'] })).toEqual([]);
    expect(rank(papers, {})).toEqual([]);
  });

  it('no trend lifts a paper over the floor', () => {
    const papers = [
      makePaper({ id: 1, abstract: `${'Much is said. '.repeat(9)} A robot.`, trend: makeTrend(5000) }),
      makePaper({ id: 2, title: 'Robot', abstract: 'A robot.' }),
    ];
    expect(idsOf(rank(papers, { keywords: ['robot'] }, { floor: 0.7 }))).toEqual([2]);
  });

  it('filling adds trending papers last, for that reason alone, and keeps exclusions', () => {
    const papers = [
      makePaper({ id: 1, title: 'Robot', abstract: 'Plain.' }),
      makePaper({ id: 2, title: 'Famous', trend: makeTrend(300) }),
      makePaper({ id: 3, title: 'Known', trend: makeTrend(30) }),
      makePaper({ id: 4, title: 'Survey', trend: makeTrend(900) }),
      makePaper({ id: 5, title: 'Ignored', trend: makeTrend(0) }),
    ];
    const ranked = rank(papers, { keywords: ['robot'], excluded: ['survey'] }, { fillWithTrending: true });
    expect(idsOf(ranked)).toEqual([1, 2, 3]);
    expect(ranked[1]).toMatchObject({ score: 0, reasons: [{ kind: 'trending', upvotes: 300 }] });
  });

  it('one work under two ids is sent once', () => {
    const text = { title: 'Robot hands that learn', abstract: 'We teach robot hands to hold eggs.' };
    const papers = [makePaper({ id: 1, ...text }), makePaper({ id: 2, ...text })];
    expect(idsOf(rank(papers, { keywords: ['robot hands'] }))).toEqual([2]);
    expect(idsOf(rank(papers, { keywords: ['robot hands'] }, { variety: false }))).toEqual([2, 1]);
  });
});
