/**
 * Every number the ranking turns on, in one place. Those marked "measured" were picked on weekly sets of arXiv papers
 * where curated lists say what was worth taking; the others are judgements.
 */

/** Term saturation (measured; flat from 0.6 to 3): a word said ten times is not ten times the evidence. */
export const SATURATION = 1.2;
/** A word in the title counts as this many in the abstract (measured; 1 is worse, 5 no better). */
export const TITLE_WEIGHT = 2;
/** Length normalisation, 0 none to 1 full. Titles differ little in length and mean what they say, so they get less. */
export const TITLE_LENGTH = 0.3;
export const ABSTRACT_LENGTH = 0.75;
/**
 * What each paper leaves unsaid, in words that no paper has: a title without an abstract is about more than its few words
 * (measured: where most papers are titles, 0 loses a twentieth, and 0.5 and 1 a little; among abstracts it hardly matters).
 */
export const UNSAID = 0.7;
/** Weight of two neighbouring words of a keyword found as neighbours, against the words alone (measured: 0 is worse). */
export const PHRASE_WEIGHT = 0.5;

/** Relevance of a paper that is in the very arXiv category a reader chose: middling, as nothing more is known of it. */
export const CATEGORY_RELEVANCE = 0.35;
/** What matching words add to that: they order papers no one voted on, and stay below what votes can do. */
export const CATEGORY_WORDS = 0.05;
/** A followed author outweighs any words: the reader named a person. */
export const AUTHOR_RELEVANCE = 3;

/** Papers below this are not sent unless the reader sets another floor: about one plain mention in an abstract. */
export const DEFAULT_FLOOR = 0.25;

/** A paper at the height of its trend gains half its relevance again: enough to reorder, too little to drag in. */
export const PULL = 0.5;
/** Votes come fast and then dry up: after two days most of what a paper will get is there. */
export const VOTING_HOURS = 48;
/** Hours of typical voting that every paper is credited with, so that three votes in ten minutes prove little. */
export const PRIOR_HOURS = 6;
/** Votes an hour of an ordinary listed paper, used until enough papers are at hand to learn it from. */
export const DEFAULT_VOTE_RATE = 0.5;
/** How many papers it takes to learn the typical rate from them. */
export const RATE_SAMPLE = 10;
/** A trend's strength halves in this time: a weekly mail should still show Monday's best, a month-old one is over. */
export const TREND_HALF_LIFE_HOURS = 96;
/** A comment is rarer than a vote and costs more effort. */
export const COMMENT_VOTES = 2;
/** Stars are counted in doublings: a repository may be older than its paper and hold thousands. */
export const STAR_DOUBLING_VOTES = 1;
/** Voting this many times the typical rate is worth telling the reader. */
export const NOTABLE_LIFT = 1.5;

/** Two papers of one narrow field share about this much (cosine); only what is above it is held back. */
export const ORDINARY_SIMILARITY = 0.35;
/** From here on two records are the same work twice, and only the better is kept. */
export const DUPLICATE_SIMILARITY = 0.95;
/** What a paper of a topic that already has its fair share of the mail keeps of its score. */
export const OVER_SHARE = 0.6;

/** Papers that may stand for a keyword or topic: enough to learn its vocabulary from (measured; 30 to 100 are alike). */
export const MOST_EXAMPLES = 60;
/** A match below this share of the best one is no example of what was asked for. */
export const EXAMPLE_CUT = 0.5;
/** With this many examples, what was learned from them counts as much as the words that were typed. */
export const EXPANSION_PRIOR = 3;
/**
 * What a paper gets that is as like the examples as they are to each other, where they match in full: it lies as far
 * above the floor as a plain match does, since at the floor a third of the papers are what curated lists took (measured).
 */
export const EXPANSION_WEIGHT = 0.6;
/** Terms that set examples apart; the rest is noise and costs time (measured; 100 to 400 are alike). */
export const LIKENESS_TERMS = 100;
/** Cosine of two papers of one interest, above that of any two papers. */
export const USUAL_LIKENESS = 0.15;
/** How many examples' word it takes to doubt that. */
export const LIKENESS_PRIOR = 3;
/** A paper filed exactly as the examples are weighs up to three times one that shares no category (measured; flat from 1 to 4). */
export const CATEGORY_GAIN = 2;
/** Likeness below this is that of any two papers. */
export const FAINT = 0.02;

/** Likeness to liked papers, twice what likeness to a keyword's examples gets: what someone picked says more than what they typed (measured). */
export const TASTE_WEIGHT = 1.2;
/**
 * Where what was typed is met at this level's inverse, likes have just that weight; met better or worse, they follow, up to
 * twice and down to half (measured; 1.5 to 3 are alike). Else a vague keyword is drowned and a fine one drowns.
 */
export const TASTE_BALANCE = 1.8;
/** So many liked papers have half of that weight. */
export const TASTE_PRIOR = 2;
/** The papers most like the liked ones, whose own words are looked at as well (measured; 30 to 60 are alike). */
export const SECOND_LOOK = 30;
/** Liked papers' worth of what these add: four thirds with one liked paper, half with five (measured; 2 to 8 are alike). */
export const SECOND_LOOK_WEIGHT = 4;
export const SECOND_LOOK_PRIOR = 2;
/** From more liked papers than this enough is learned at the first look, where no reader liked others with them (measured). */
export const FEW_LIKED = 5;
/** What likeness to papers liked together with these adds (measured; 0.2 to 0.5 are alike). */
export const COMPANY_WEIGHT = 0.3;
/** How far papers like disliked ones fall: one as like them as they are to each other keeps 1 / (1 + this). */
export const DISLIKE_WEIGHT = 1;
/** Cosine from which a paper may be called like another. */
export const ALIKE = 0.25;

/** How close two papers' readers are weighs as much as how close their words are (measured; 0.85 to 1.25 are alike). */
export const TOGETHER_WEIGHT = 1;
/** Half would make it the cosine; more holds back what everybody likes, which tells little of one reader (measured; 0.6 to 0.7 are alike). */
export const TOGETHER_DAMPING = 0.7;
/** Readers' worth of doubt: that one reader liked two papers says little (measured; 0 to 1 are alike). */
export const TOGETHER_PRIOR = 0.3;
/** Readers of one paper that are looked at. */
export const MOST_READERS = 1000;
/** Papers kept as liked together with one paper. */
export const MOST_TOGETHER = 300;
