/** The command that ranks any list of papers for any readers, from files and without a database. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { AppError } from '../errors.ts';
import { showProgress } from './progress.ts';
import { openFileRanking } from './rank-file.ts';
import { type RankTask, readPaperFile, readTaskFile, taskSchema } from './ranking-files.ts';

const FIELDS = `
A paper is one line of JSON: id and title, and where known abstract, authors, categories, published, upvotes.
A task is one reader: id, and where wanted keywords, liked (ids of papers), and from and to, the first and the
last day of the papers to rank (without them: all). Files may end in .gz.

Every task gives one line, {"id": "...", "ranked": [ids, best first]}: all papers of those days but the liked
ones, those that nothing speaks for at the end. What the readers of the file liked helps to rank for all of them.`;

export function makeRankCommand(): Command {
  return new Command('rank')
    .description('Rank the papers of a file for the readers of a file; needs no database.')
    .requiredOption('--papers <path>', 'papers to rank, .jsonl or .jsonl.gz')
    .requiredOption('--tasks <path>', 'readers to rank for, .jsonl or .jsonl.gz')
    .option('--k <number>', 'papers for each reader at most', '300')
    .addHelpText('after', FIELDS)
    .action(rankFiles);
}

async function rankFiles(options: { papers: string; tasks: string; k: string }): Promise<void> {
  const k = readCount(options.k);
  const papers = await readPaperFile(options.papers);
  const tasks = await readTaskFile(options.tasks, taskSchema);
  const ranking = openFileRanking(papers, { likes: tasks.map(({ liked }) => liked) });
  const progress = showProgress('tasks', tasks.length);
  function* lines(): Generator<string> {
    for (const [at, task] of tasks.entries()) {
      yield rankLine(task);
      progress.update(at + 1);
    }
  }
  const rankLine = (task: RankTask) => `${JSON.stringify({ id: task.id, ranked: ranking.rank(task, k) })}\n`;
  try {
    // One line at a time: each is worked out when the one before has been taken.
    await pipeline(Readable.from(lines(), { highWaterMark: 1 }), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has seen enough, as `| head` does.
    if (!isClosedPipe(error)) throw error;
  } finally {
    progress.stop();
  }
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new AppError('INPUT_INVALID', `--k must be a whole number from 1; ${text} is none.`);
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
