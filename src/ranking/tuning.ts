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
/** Weight of two neighbouring words of a keyword found as neighbours, against the words alone (measured: 0 is worse). */
export const PHRASE_WEIGHT = 0.5;

/** Relevance of a paper that is in the very arXiv category a reader chose: middling, as nothing more is known of it. */
export const CATEGORY_RELEVANCE = 0.5;
/** What matching words add to that: they order papers no one voted on, and stay below what votes can do. */
export const CATEGORY_WORDS = 0.05;
/** A topic's usual categories lift a paper whose words match already, and never make a match alone. */
export const CATEGORY_HINT = 1.15;
/** A followed author outweighs any words: the reader named a person. */
export const AUTHOR_RELEVANCE = 1.2;

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

/** Weight of the mean of disliked papers against that of liked ones, as Rocchio's formula usually has it. */
export const DISLIKE_WEIGHT = 0.25;
/** Terms of the learned profile below this share of its strongest are dropped: they are noise and cost time. */
export const TASTE_CUT = 0.1;
/** Cosine with the learned profile, above the average paper's, that weighs as much as a whole keyword (measured). */
export const TASTE_FULL = 0.12;
/** Cosine from which a paper may be called like another. */
export const ALIKE = 0.25;
