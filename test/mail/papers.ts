/** Papers for the judged mails: ordinary ones, and ones as long and strange as a paper may be. */
import type { Paper } from '../../src/papers/paper.ts';
import { makePaper } from '../support/papers.ts';

const DAY_MS = 24 * 3600_000;

/** Twelve with ids from `${prefix}000` on, listed the day before `now`. */
export function ordinaryPapers(prefix: string, now: Date): Paper[] {
  const things = ['cups', 'cables', 'soft fruit', 'wet glass', 'folded cloth', 'door handles'];
  const ways = ['learned from touch', 'planned with language models'];
  return things.flatMap((thing, a) =>
    ways.map((way, b) =>
      makePaper({
        title: `Grasping ${thing} with robot hands, ${way} (${prefix})`,
        abstract:
          `We ask how a hand can hold ${thing} when the grasp is ${way}. ` +
          'On forty objects that it never met, our naïve baseline drops a third; with touch it drops one in twenty. ' +
          'We show where it fails, what a second finger adds, and how few examples are enough. Code and data are open.',
        authors: ['Ada Feel', 'Günther Größe', 'Bo Touch', 'Cy Grip'],
        categories: ['cs.RO', 'cs.CL'],
        arxivId: `${prefix}${String(a * 2 + b).padStart(3, '0')}`,
        codeUrl: 'https://code.example.org/grasp',
        publishedAt: new Date(now.getTime() - DAY_MS),
        listedAt: new Date(now.getTime() - DAY_MS),
        upvotes: 60 - a * 2 - b,
      }),
    ),
  );
}

const strange = [
  '基于大型语言模型的机器人回声定位与语音理解综述：方法、数据与未来方向',
  'Echo 🤖🦇👩🏽‍🔬 sounding 🏳️‍🌈 of rooms',
  String.raw`Echo of $\alpha$-stable \textbf{noise}: a na\"ive $\mathcal{O}(n^{2})$ bound & 45\% <less> "work"`,
  'הד בחדרים: מיקום לפי קול עם echo ורשתות עצביות',
  'صدى الغرف: تحديد الموقع بالصوت (echo) والتعلم العميق',
  'Echo without breaks: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.padEnd(
    260,
    'x',
  ),
  'Echo =3D =\tFrom the first line\u2028.\u2029..and\u200b more \u202eevil\u202c',
];

/** For the best paper, whose title is the subject. */
export const subjectTitle = '回声 🤖 und Größe: Eve\r\nBcc: eve@evil.example';

/** A title that no source may bring. */
export const hugeTitle = `Echo ${'of very long titles, naïve and 长 '.repeat(60)}`.slice(0, 2000);

/** Twenty with ids from `${prefix}000` on, with everything that a mail shows as long as it can be. */
export function longPapers(prefix: string, now: Date): Paper[] {
  return Array.from({ length: 20 }, (_, at) =>
    makePaper({
      title:
        strange[at] ??
        `Echo number ${at}: ${'a long title about “sound” in rooms and caves, '.repeat(6)}`.slice(0, 280),
      abstract: 'We study naïve echoes — with α, β and 触覚 — at great length in “<many>” & rooms. '.repeat(
        230,
      ),
      authors: Array.from(
        { length: 40 },
        (__, n) => `Prof. Dr. Günther Maximilian von Long-Name Größenwahn ${n}`,
      ),
      categories: ['cs.SD', 'cs.CL', 'eess.AS', 'cs.AI'],
      venue: 'Proceedings of the 41st International Conference on Sound in Rooms and in Caves'.padEnd(
        300,
        ' and others',
      ),
      arxivId: `${prefix}${String(at).padStart(3, '0')}`,
      codeUrl: `https://code.example.org/${'echo/'.repeat(16)}`,
      publishedAt: new Date(now.getTime() - DAY_MS),
      listedAt: new Date(now.getTime() - DAY_MS),
      upvotes: 9000 - at,
    }),
  );
}

export interface Words {
  title: string;
  abstract?: string;
}

const chineseSentences = [
  '我们研究房间中的回声，并用它来判断墙壁的位置。',
  '以前的方法需要许多麦克风，而我们只用一个。',
  '在四十个从未见过的房间里，误差不到十厘米。',
  '我们说明了方法在哪里失败，以及原因是什么。',
];

/** Of twenty papers, as long as is usual: a character of it is three octets, or a reference of eight. */
export const chineseWords: Words[] = Array.from({ length: 20 }, (_, at) => ({
  title: `房间回声的第${at + 1}项研究：用一个麦克风听出墙壁的位置、形状和材料`,
  abstract: chineseSentences.join('').repeat(6),
}));
