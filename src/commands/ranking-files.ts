/**
 * Reads what is to be ranked from files of one JSON object a line, plain or gzipped: papers, and the readers (tasks) who
 * want them ranked. A line that can't be used ends the reading with a sentence that names the file and the line.
 */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { linesOf } from '../papers/sources/jsonl.ts';
import { readableText } from '../papers/text.ts';

export interface FilePaper {
  id: string;
  title: string;
  abstract: string;
  authors: string[];
  categories: string[];
  publishedAt: Date | null;
  upvotes: number | null;
}

/** One reader, and which papers to rank: those published from `from` to `to`, both included; null for no bound. */
export interface RankTask {
  id: string;
  keywords: string[];
  liked: string[];
  from: Date | null;
  to: Date | null;
}

const id = z.string().min(1);
const strings = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** A day is a time of day too: its first moment, or its last where a window ends. A time without a zone is UTC. */
const momentAt = (timeOfDay: string) =>
  z
    .string()
    .nullish()
    .transform((text, issues): Date | null => {
      if (text === null || text === undefined) return null;
      const match =
        /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
      const date = new Date(`${match?.[1]}T${match?.[2] ?? timeOfDay}${match?.[3] ?? 'Z'}`);
      if (!Number.isNaN(date.getTime())) return date;
      issues.addIssue('not a date such as 2025-03-24');
      return z.NEVER;
    });

const paperSchema = z
  .object({
    id,
    title: z.string(),
    abstract: z.string().nullish(),
    authors: strings,
    categories: strings,
    published: momentAt('00:00'),
    upvotes: z.number().nullish(),
  })
  // The text goes the way it goes from any source into the database.
  .transform(
    ({ published, abstract, title, upvotes, ...paper }): FilePaper => ({
      ...paper,
      title: readableText(title),
      abstract: readableText(abstract ?? ''),
      publishedAt: published,
      upvotes: upvotes ?? null,
    }),
  );

/** What a task may tell the ranking. Whatever else its line holds is never looked at. */
export const taskSchema = z.object({
  id,
  keywords: strings,
  liked: strings,
  from: momentAt('00:00'),
  to: momentAt('23:59:59.999'),
});

/** All papers of a file. Throws `FILE_UNREADABLE`, and `LINE_INVALID` also where an id comes a second time. */
export async function readPaperFile(file: string): Promise<FilePaper[]> {
  const lines = new Map<string, number>();
  const papers: FilePaper[] = [];
  for await (const { line, record } of readRecords(file, paperSchema)) {
    const earlier = lines.get(record.id);
    if (earlier !== undefined) {
      throw badLine(file, line, `the paper ${record.id} stands on line ${earlier} already`);
    }
    lines.set(record.id, line);
    papers.push(record);
  }
  return papers;
}

/** All tasks of a file, with the fields that `schema` has. Throws as `readPaperFile` does. */
export async function readTaskFile<T extends RankTask>(file: string, schema: z.ZodType<T>): Promise<T[]> {
  const tasks: T[] = [];
  for await (const { record } of readRecords(file, schema)) tasks.push(record);
  return tasks;
}

/** The records of a file with the numbers of their lines, from 1; empty lines are passed over. */
async function* readRecords<T>(
  file: string,
  schema: z.ZodType<T>,
): AsyncGenerator<{ line: number; record: T }> {
  let line = 0;
  try {
    for await (const text of linesOf(file)) {
      line += 1;
      if (text.trim() !== '') yield { line, record: parseRecord(file, line, text, schema) };
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('FILE_UNREADABLE', `${file} can't be read: ${why}.`, { cause: error });
  }
}

function parseRecord<T>(file: string, line: number, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    // Trimming also takes a byte order mark off.
    value = JSON.parse(text.trim());
  } catch (error) {
    throw badLine(file, line, `not JSON (${error instanceof Error ? error.message : error})`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw badLine(file, line, `${where}${issue?.message ?? 'not a record'}`);
}

function badLine(file: string, line: number, what: string): AppError {
  return new AppError('LINE_INVALID', `${file} line ${line}: ${what}.`);
}
