/** One record of Semantic Scholar: what it says of a paper, as far as it can be read. Pure. */
import { z } from 'zod';
import { isWebUrl, parseArxivId } from '../paper.ts';
import { readableText } from '../text.ts';

/** Servers of preprints, which it names like journals. */
const PREPRINTS =
  /^(?:arxiv(?:\.org)?|corr|(?:bio|med|chem|tech|psy)rxiv|ssrn\b.*|social science research network|research square|preprints(?:\.org)?|osf preprints)$/i;
/** `ICLR`, `NeurIPS`: how readers call a conference. */
const ACRONYM = /^(?=.{2,12}$)[A-Z][A-Za-z]*[A-Z][A-Za-z]*$/;

/** In lower case, and of letters that an address may hold. */
export const DOI = /^10\.\d{4,9}\/[\x21-\x7e]{1,250}$/;

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);
const text = optional(z.string());

/** A damaged extra costs that extra; what is no record at all costs the record. */
const fieldsSchema = z.object({
  paperId: z.string().min(1),
  externalIds: optional(z.object({ ArXiv: text, DOI: text })),
  venue: text,
  publicationVenue: optional(
    z.object({ name: text, type: text, alternate_names: optional(z.array(z.unknown())) }),
  ),
  year: optional(z.number().int().min(1500).max(2200)),
  citationCount: optional(z.number().int().min(0).max(2_147_483_647)),
  openAccessPdf: optional(z.object({ url: text })),
  s2FieldsOfStudy: optional(z.array(z.unknown())),
});
type Fields = z.infer<typeof fieldsSchema>;

const fieldOfStudySchema = z.object({ category: z.string() });

/** The fields to ask for. */
export const FIELDS = Object.keys(fieldsSchema.shape).join(',');

export const recordSchema = fieldsSchema.transform((fields) => {
  const doi = fields.externalIds?.DOI?.toLowerCase() ?? '';
  return {
    arxivId: parseArxivId(fields.externalIds?.ArXiv ?? '')?.id ?? null,
    doi: DOI.test(doi) ? doi : null,
    venue: venueOf(fields),
    openAccessUrl: linkOf(fields.openAccessPdf?.url ?? ''),
    fieldsOfStudy: namesOf(fields.s2FieldsOfStudy ?? []),
    citations: fields.citationCount ?? null,
  };
});
export type ScholarRecord = z.infer<typeof recordSchema>;

function venueOf({ venue, publicationVenue, year }: Fields): string | null {
  const name = readableText((publicationVenue?.name || venue || '').slice(0, 300));
  if (name === '' || PREPRINTS.test(name)) return null;
  if (publicationVenue?.type !== 'conference') return name;
  const others = (publicationVenue.alternate_names ?? []).filter((other) => typeof other === 'string');
  const short = [name, ...others].find((other) => ACRONYM.test(other)) ?? name;
  return year && !/\b\d{4}\b/.test(short) ? `${short} ${year}` : short;
}

function linkOf(url: string): string | null {
  return url.length <= 1000 && isWebUrl(url) ? new URL(url).href : null;
}

function namesOf(fieldsOfStudy: unknown[]): string[] {
  const names = fieldsOfStudy
    .slice(0, 100)
    .flatMap((field) => fieldOfStudySchema.safeParse(field).data?.category ?? [])
    .map((name) => readableText(name.slice(0, 200)).slice(0, 100));
  return [...new Set(names)].filter((name) => name !== '').slice(0, 10);
}
