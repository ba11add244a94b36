/** Why a paper is in a reader's mail: the stored form of a reason. `mail/reason-words.ts` has the words that a person reads. */
import { z } from 'zod';

const count = z.number().int().min(0).nullable();

export const reasonSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('topic'), slug: z.string(), name: z.string() }),
  z.object({
    kind: z.literal('keyword'),
    keyword: z.string(),
    /** The words of it that are in the paper, where not all of them are. */
    words: z.array(z.string()).optional(),
  }),
  /** Words of the paper that are frequent in papers on a keyword or topic that it does not name itself. */
  z.object({ kind: z.literal('related'), to: z.string(), words: z.array(z.string()).min(1) }),
  /** The name as the paper has it. */
  z.object({ kind: z.literal('author'), name: z.string() }),
  /** The paper's category, and the name of the topic that asked for it. */
  z.object({ kind: z.literal('category'), category: z.string(), topic: z.string() }),
  z.object({
    kind: z.literal('trending'),
    upvotes: count,
    comments: count,
    githubStars: count,
    /** From listing to counting. */
    hours: z.number().int().min(1),
  }),
  /** A paper the reader liked that this one resembles. */
  z.object({ kind: z.literal('liked'), paperId: z.number().int(), title: z.string() }),
  /** A paper the reader liked whose other readers liked this one too. */
  z.object({ kind: z.literal('liked-together'), paperId: z.number().int(), title: z.string() }),
]);

export const reasonsSchema = z.array(reasonSchema);

export type Reason = z.infer<typeof reasonSchema>;

/** "Computation and Language (cs.CL)" without its code. */
export function withoutCode(name: string): string {
  return name.replace(/\s*\([a-z-]+(?:\.[A-Za-z-]+)?\)$/, '');
}
