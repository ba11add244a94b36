/** What is known of a reader's interests, as plain data: the whole of what the ranking may use about a person. */

export interface ProfileTopic {
  slug: string;
  name: string;
  /** Words and phrases any of which speaks for the topic. */
  keywords: string[];
  /** arXiv categories, as arXiv spells them: `cs.CL`, or a whole archive: `math`. */
  categories: string[];
}

export interface ReaderProfile {
  topics: ProfileTopic[];
  /** The reader's own words and phrases. */
  keywords: string[];
  /** Words and phrases whose papers never appear. */
  excluded: string[];
  /** Full names; initials are enough for given names. */
  authors: string[];
  likedPaperIds: number[];
  dislikedPaperIds: number[];
}
