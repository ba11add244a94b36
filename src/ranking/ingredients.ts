/** The parts of the method that can be left out, so that what each one earns can be measured. */

export const INGREDIENTS = {
  phrases: 'neighbouring words of a keyword count more than the words apart',
  expansion:
    'papers that share the vocabulary of the best matches, whether or not they use the words asked for',
  categories: 'papers in the arXiv categories of the best matches',
  learning: 'papers like those the reader liked',
  'liked-together': 'papers that other readers liked together with those the reader liked',
} as const;

export type Ingredient = keyof typeof INGREDIENTS;
