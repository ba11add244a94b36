/** Commands for the list of readers: subscribe, import. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { parse as parseCsv } from 'csv-parse';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from '../languages.ts';
import { takeBibliography } from '../papers/bibliography.ts';
import { splitMentions } from '../papers/paper-mentions.ts';
import { subscribeConfirmed } from '../subscribers/confirm.ts';
import { findLikedPapers, MAX_JUDGED } from '../subscribers/feedback.ts';
import { type ImportRow, importSubscribers } from '../subscribers/import.ts';
import { seedTopics } from '../subscribers/seed-topics.ts';
import { subscribe } from '../subscribers/subscribe.ts';
import { inputError, parseSubscription } from '../subscribers/subscription-input.ts';
import { describeBibliography, describeNotKnown, readBibliographyFile, splitList } from './option-values.ts';
import { showProgress } from './progress.ts';
import { countOf, withContext } from './with-context.ts';

interface SubscribeOptions {
  topics?: string;
  keywords?: string;
  frequency?: string;
  weekday?: string;
  hour?: string;
  timezone?: string;
  language?: string;
  liked?: string;
  likedBib?: string;
  confirmed?: boolean;
}

export function addSubscriberCommands(program: Command): void {
  program
    .command('subscribe')
    .description('Add one reader, who gets a mail to confirm.')
    .argument('<email>', 'mail address')
    .option('--topics <slugs>', 'topics, separated by commas: cs-cl,world-models')
    .option('--keywords <words>', 'keywords, separated by commas: "tactile sensing,long context"')
    .option('--frequency <rhythm>', 'daily or weekly (default: daily)')
    .option('--weekday <day>', 'day of a weekly digest, 0 (Sunday) to 6 (default: 1)')
    .option('--hour <hour>', 'local hour, 0 to 23 (default: 8)')
    .option('--timezone <zone>', 'IANA time zone (default: UTC)')
    .option(
      '--language <code>',
      `language of the mails: ${LANGUAGES.join(' or ')} (default: ${DEFAULT_LANGUAGE})`,
    )
    .option('--liked <ids>', 'papers they like: arXiv ids, DOIs or links, separated by commas')
    .option('--liked-bib <file>', 'a BibTeX file of papers they like')
    .option('--confirmed', 'they have agreed already: no mail to confirm, the first digest is due at once')
    .action((email: string, { confirmed, topics, keywords, liked, likedBib, ...rest }: SubscribeOptions) =>
      withContext(async (ctx) => {
        const parsed = parseSubscription(
          {
            email,
            topics: splitList(topics, ','),
            keywords: splitList(keywords, ','),
            liked: splitMentions(liked ?? ''),
            ...rest,
          },
          ctx.config.refusedDomains,
        );
        if (!parsed.ok) throw inputError(parsed.faults);
        await seedTopics(ctx);
        const request = {
          ...parsed.value,
          ...(likedBib === undefined ? {} : { alsoLiked: await readBibliography(ctx, likedBib) }),
        };
        const { notKnown } = await findLikedPapers(ctx.db, request.liked);
        if (notKnown.length > 0) console.log(describeNotKnown(notKnown));
        if (!confirmed) {
          await subscribe(ctx, request, 'cli');
          console.log('Taken. A running Paperboy or worker sends the mail to confirm.');
          return;
        }
        const result = await subscribeConfirmed(ctx, request);
        console.log(
          result === 'subscribed'
            ? 'Subscribed. The first digest is due now: a running Paperboy or worker sends it, or `npm run paperboy -- digest`.'
            : 'This address gets Paperboy already, or must not get mail; nothing was changed.',
        );
      }),
    );

  program
    .command('import')
    .description(
      'Add readers from a CSV file with the columns email, topics, keywords, frequency, weekday, hour, timezone, language, liked (";" inside a cell). ' +
        'They count as confirmed; their first digest is their next scheduled one.',
    )
    .argument('<file>', 'CSV file with a header line')
    .action((file: string) => withContext((ctx) => importFile(ctx, file)));
}

async function readBibliography(ctx: Context, path: string): Promise<number[]> {
  const taken = await takeBibliography(ctx, await readBibliographyFile(path), MAX_JUDGED);
  console.log(describeBibliography(path, taken.paperIds.length, taken));
  return taken.paperIds;
}

async function importFile(ctx: Context, file: string): Promise<void> {
  const { size } = await stat(file).catch((cause) => {
    throw new AppError('FILE_UNREADABLE', `There is no file ${file} that can be read.`, { cause });
  });
  await seedTopics(ctx);
  const stream = createReadStream(file);
  const progress = showProgress('importing (bytes)', size);
  const bad: string[] = [];
  try {
    const counts = await importSubscribers(ctx, readRows(stream), {
      onBad: (line, sentence) => bad.push(`line ${line}: ${sentence}`),
      onBatch: () => progress.update(stream.bytesRead),
    });
    progress.stop();
    for (const sentence of bad) console.error(sentence);
    console.log(
      `${countOf(counts.imported, 'subscriber')} imported, ${counts.known} already known, ` +
        `${counts.suppressed} suppressed, ${countOf(counts.bad, 'bad row')}.`,
    );
    if (counts.notKnown.size > 0) {
      console.log(`Liked papers not known here yet, so left out: ${[...counts.notKnown].join(', ')}.`);
    }
    if (counts.imported === 0 && counts.bad > 0)
      throw new AppError('IMPORT_EMPTY', 'No row could be imported.');
  } finally {
    progress.stop();
  }
}

/** Rows as they come; throws AppError `CSV_INVALID` for a file that is no such table. */
async function* readRows(stream: NodeJS.ReadableStream): AsyncGenerator<ImportRow> {
  const table = stream.pipe(
    parseCsv({
      bom: true,
      info: true,
      columns: (header: string[]) => checkHeader(header.map((name) => name.trim().toLowerCase())),
      relax_column_count: true,
      skip_empty_lines: true,
    }),
  );
  stream.on('error', (error) => table.destroy(error));
  try {
    for await (const { record, info } of table as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      const cell = (name: string) => record[name]?.trim() || undefined;
      yield {
        line: info.lines,
        input: {
          // Untrimmed: a line break around an address is a fault to report.
          email: record.email ?? '',
          topics: splitList(cell('topics'), ';'),
          keywords: splitList(cell('keywords'), ';'),
          frequency: cell('frequency'),
          weekday: cell('weekday'),
          hour: cell('hour'),
          timezone: cell('timezone'),
          language: cell('language'),
          liked: splitList(cell('liked'), ';'),
        },
      };
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'CSV_INVALID',
      `The file is not a table that can be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function checkHeader(header: string[]): string[] {
  if (!header.includes('email')) {
    throw new AppError('CSV_INVALID', 'The first line must name the columns, and email must be one of them.');
  }
  return header;
}
