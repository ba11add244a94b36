/** What a record of arXiv says, in arXiv's own format or in Dublin Core, as a paper's draft. */
import { z } from 'zod';
import { parseArxivId } from '../paper.ts';
import { type OaiRecord, xmlText, xmlTexts } from './oai-pmh.ts';
import { firstIssue, type PaperDraft } from './source.ts';

const authorSchema = z.object({ keyname: xmlTexts, forenames: xmlTexts, suffix: xmlTexts });
const optionalText = xmlText.catch('');

/** arXiv's own format. */
const arxivSchema = z.object({
  id: xmlText,
  title: xmlText.pipe(z.string().min(1)),
  abstract: optionalText,
  comments: optionalText,
  categories: optionalText,
  doi: optionalText,
  created: optionalText,
  updated: optionalText,
  authors: z.object({ author: z.unknown().optional() }).catch({ author: [] }),
});

/** Dublin Core, which every archive speaks. It has no category codes. */
const dublinCoreSchema = z.object({
  title: xmlText.pipe(z.string().min(1)),
  creator: xmlTexts,
  /** The abstract, then notes that begin with `Comment:`. */
  description: xmlTexts,
  /** Of the first version and, where there are more, of the last. */
  date: xmlTexts,
  identifier: xmlTexts,
});

interface Facts {
  id: string;
  title: string;
  abstract: string;
  comments: string;
  authors: string[];
  categories: string[];
  doi: string;
  created: string;
  updated: string;
}

/** What the record says as a draft, or why it can't be read. */
export function readArxivOaiDraft({ identifier, metadata }: OaiRecord): PaperDraft | string {
  const { data, error } = 'creator' in metadata ? readDublinCore(identifier, metadata) : readArxiv(metadata);
  if (!data) return firstIssue(error);
  const arxivId = parseArxivId(data.id)?.id;
  if (!arxivId) return 'id: not an arXiv id';
  return {
    source: 'arxiv',
    externalId: arxivId,
    arxivId,
    // Neither format tells the version. An update means at least the second, which is enough to tell it from the first.
    version: data.updated === '' ? 1 : 2,
    doi: firstDoi(data.doi),
    title: data.title,
    abstract: data.abstract,
    // Collaborations are followed by an author named ":".
    authors: data.authors.filter((name) => /\p{L}/u.test(name)),
    categories: data.categories,
    publishedAt: z.iso.date().safeParse(data.created).success ? new Date(`${data.created}T00:00:00Z`) : null,
    withdrawn: isWithdrawn(data),
    url: `https://arxiv.org/abs/${arxivId}`,
  };
}

type Reading = { data: Facts; error?: undefined } | { data?: undefined; error: z.ZodError };

function readArxiv(metadata: Record<string, unknown>): Reading {
  const { data, error } = arxivSchema.safeParse(metadata);
  if (!data) return { error };
  const authors = [data.authors.author].flat().map((author) => {
    const name = authorSchema.safeParse(author).data;
    return name ? [...name.forenames, ...name.keyname, ...name.suffix].join(' ') : '';
  });
  return { data: { ...data, authors, categories: data.categories.split(/\s+/) } };
}

function readDublinCore(identifier: string | undefined, metadata: Record<string, unknown>): Reading {
  const { data, error } = dublinCoreSchema.safeParse(metadata);
  if (!data) return { error };
  const [created = '', updated = ''] = data.date;
  const notes = data.description.filter((text) => text.startsWith('Comment:'));
  return {
    data: {
      id: identifier ?? '',
      title: data.title,
      abstract: data.description.find((text) => !text.startsWith('Comment:')) ?? '',
      comments: notes.map((note) => note.slice('Comment:'.length).trim()).join(' '),
      authors: data.creator.map(turnName),
      categories: [],
      doi: data.identifier.find((text) => text.startsWith('doi:'))?.slice('doi:'.length) ?? '',
      created,
      updated,
    },
  };
}

/** `Doe, Jane, Jr` is Jane Doe Jr. */
function turnName(name: string): string {
  const [keyname = '', forenames = '', ...suffix] = name.split(',').map((part) => part.trim());
  return [forenames, keyname, ...suffix].filter((part) => part !== '').join(' ');
}

/** Some records hold several, parted by all kinds of marks, and DOIs may have most marks inside. */
function firstDoi(text: string): string | null {
  const doi = text.split(/[\s,;]+(?=10\.)|\s/)[0] ?? '';
  return doi !== '' && doi.length <= 300 ? doi : null;
}

/** arXiv keeps withdrawn papers and says so only in words, at the start of the comments or in place of the abstract. */
function isWithdrawn({ comments, abstract }: Facts): boolean {
  const sentence = /^\W*(?:this|the) [\w-]+(?: [\w-]+)? (?:has been|is|was) (?:now )?withdrawn\b/i;
  return sentence.test(comments) || /^\W*withdrawn\b/i.test(comments) || sentence.test(abstract);
}
