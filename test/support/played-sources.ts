/** Every source as one upstream server plays it: recorded where there are recordings, else made, and each with something unreadable. */
import { atomEntry, atomFeed } from './atom-feed.ts';
import { arxivAnnouncement, journalFeed, seedFacts } from './made-feeds.ts';
import { archiveOf, arxivRecord, deletedRecord } from './oai-archive.ts';
import { readRecordings, recordedAtomPage } from './recordings.ts';
import type { UpstreamOptions } from './upstream-server.ts';

/** Two recorded days of broken shapes are its last. */
export const PLAYED_NOW = '2025-01-10T12:00:00Z';
export const PLAYED_SETS = ['cs', 'physics'];

/** `2501.10000`, `2501.10001` … for `2501.10`. */
const idsFrom = (start: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${start}${String(at).padStart(3, '0')}`);

/** More than arXiv is asked for at once. */
export const PLAYED_IDS = idsFrom('2501.15', 110);
const UNTITLED_ENTRY = '<entry><id>http://arxiv.org/abs/2501.00079v1</id></entry>';

/** The same numbers of papers with data and without. */
export function playedSources(dataDir: string | null): UpstreamOptions {
  const seeds = seedFacts(9);
  const untitled = { paper: { id: '2501.00078', summary: 'It has no title.' } };
  return {
    dataDir,
    days: {
      '2025-01-05': listedPapers('2501.07', 1),
      '2025-01-06': listedPapers('2501.08', 2),
      '2025-01-07': listedPapers('2501.09', 3),
      '2025-01-08': [...listedPapers('2501.10', 1), untitled],
      ...(dataDir
        ? {}
        : { '2025-01-09': listedPapers('2501.11', 13), '2025-01-10': listedPapers('2501.12', 9) }),
    },
    fallbackAtom: (params) => {
      const ids = params.get('id_list')?.split(',');
      return ids ? atomFeed(ids.map(entryOf)) : atomAnswer(dataDir, Number(params.get('start')));
    },
    fallbackOai: archiveOf(archiveSets(dataDir), 8, () => '2025-01-10'),
    pages: {
      '/rss/cs': arxivAnnouncement(seeds, '<item><title>No id</title><guid>oai:else:1</guid></item>'),
      '/journal.rss': journalFeed(seeds, 'rss', '<item><title>Nowhere to be found</title></item>'),
      '/journal.atom': journalFeed(seeds, 'atom', '<entry><id>tag:journal.test,2025:x</id></entry>'),
      '/journal.json': journalFeed(seeds, 'json', 'untitled'),
    },
  };
}

function listedPapers(start: string, count: number): unknown[] {
  return idsFrom(start, count).map((id, at) => ({
    paper: {
      id,
      title: `Paper number ${id}`,
      summary: 'It says one thing.',
      publishedAt: '2025-01-06T00:00:00.000Z',
      authors: [{ name: 'Ada Example' }],
      upvotes: at,
    },
    numComments: 1,
  }));
}

/** One of the ids that are asked for is unreadable. */
const entryOf = (id: string) => (id === PLAYED_IDS[100] ? UNTITLED_ENTRY : atomEntry(`${id}v1`));

/** A search of 32 results, ten at a time however many are asked for; the last two are made, one of them unreadable. */
function atomAnswer(dataDir: string | null, start: number): string {
  if (dataDir && start < 30) return recordedAtomPage(dataDir, start, 32);
  const made = idsFrom('2501.13', 31).map((id) => atomEntry(`${id}v1`));
  made.splice(30, 0, UNTITLED_ENTRY);
  return atomFeed(made.slice(start, start < 30 ? start + 10 : undefined), 32);
}

/** Every record of arXiv's that was recorded, in two sets, with a deleted and an unreadable one. */
function archiveSets(dataDir: string | null): Record<string, string[]> {
  const records = readRecordings(dataDir)
    // This one holds the others once more.
    .filter(({ name }) => name.startsWith('arxiv_oai') && name !== 'arxiv_oai/sample_arxiv_record.xml')
    .flatMap(({ body }) => body.toString('utf8').match(/<record\b[\s\S]*?<\/record>/g) ?? []);
  if (!dataDir) records.push(...idsFrom('2501.14', 25).map((id) => arxivRecord(id)));
  const half = Math.ceil(records.length / 2);
  return {
    cs: [...records.slice(0, half), deletedRecord('2501.00081')],
    physics: [arxivRecord('2501.00082').replace(/<title>.*<\/title>/, ''), ...records.slice(half)],
  };
}
