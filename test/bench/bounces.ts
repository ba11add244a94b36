/**
 * How well bounces are read, on a folder of real ones with labels: a confusion table of kinds, and shares right of
 * kinds, hard or soft, reasons and codes. Every third message is reported by itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bounce, classifyBounce } from '../../src/deliveries/bounce.ts';

interface Label {
  file: string;
  kind: string;
  hard: boolean | null;
  expected: { status: string; reason: string }[];
}

const KINDS: Bounce['kind'][] = ['bounce', 'complaint', 'autoreply', 'delivered', 'unrelated'];
const AIMS = { kind: 0.95, hard: 0.93 };

const USAGE = `npm run bench:bounces -- --data DIR [--wrong]

  --data DIR   folder with labels.jsonl and the messages that it lists
  --wrong      names each message that was taken for something else`;

const { values } = parseArgs({
  options: { data: { type: 'string' }, wrong: { type: 'boolean' }, help: { type: 'boolean' } },
});
const folder = values.data ?? '';
const index = join(folder, 'labels.jsonl');
if (values.help) {
  console.log(USAGE);
} else if (!folder || !existsSync(index)) {
  console.log('skipped: no data. --data names a folder with labels.jsonl and the messages that it lists.');
} else {
  report(index);
}

function report(path: string): void {
  const labels = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Label)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
  const judged = labels.map((label) => {
    const raw = readFileSync(join(folder, label.file));
    const start = performance.now();
    const given = classifyBounce(raw);
    return { label, wanted: wantedKind(label), given, ms: performance.now() - start };
  });
  const cell = (wanted: string, given: string) =>
    judged.filter((each) => each.wanted === wanted && each.given.kind === given).length;
  console.log(`| is, and is taken for → | ${KINDS.join(' | ')} |\n|---|${KINDS.map(() => '---|').join('')}`);
  for (const wanted of KINDS)
    console.log(`| ${wanted} | ${KINDS.map((given) => cell(wanted, given)).join(' | ')} |`);
  const bounces = judged.filter(({ wanted }) => wanted === 'bounce');
  const count = (hard: boolean, given: boolean) =>
    bounces.filter((each) => each.label.hard === hard && each.given.hard === given).length;
  console.log('\n| is, and is taken for → | hard | soft |\n|---|---|---|');
  console.log(`| hard | ${count(true, true)} | ${count(true, false)} |`);
  console.log(`| soft | ${count(false, true)} | ${count(false, false)} |\n`);
  const all = shares(judged);
  print('all', all);
  print('every third', shares(judged.filter((_, at) => at % 3 === 2)));
  print('every sixth', shares(judged.filter((_, at) => at % 6 === 5)));
  console.log(`slowest: ${Math.max(...judged.map(({ ms }) => ms)).toFixed(0)} ms`);
  if (values.wrong) {
    for (const { label, wanted, given } of judged) {
      if (given.kind !== wanted || given.hard !== (label.hard ?? false)) {
        console.log(label.file, wanted, label.hard, '→', JSON.stringify(given));
      }
    }
  }
  if (all.kind < AIMS.kind || all.hard < AIMS.hard) process.exitCode = 1;
}

type Judged = { label: Label; wanted: string; given: Bounce };

function shares(judged: readonly Judged[]) {
  const share = (right: (each: Judged) => boolean, among = judged) =>
    among.filter(right).length / Math.max(1, among.length);
  const bounces = judged.filter(({ wanted }) => wanted === 'bounce');
  return {
    messages: judged.length,
    kind: share(({ wanted, given }) => wanted === given.kind),
    hard: share(({ label, given }) => given.hard === (label.hard ?? false)),
    reason: share(
      ({ label, given }) => label.expected.some(({ reason }) => reason === given.reason),
      bounces,
    ),
  };
}

function print(name: string, { messages, kind, hard, reason }: ReturnType<typeof shares>): void {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  console.log(
    `${name} (${messages}): kind ${percent(kind)}, hard or soft ${percent(hard)}, reason of bounces ${percent(reason)}`,
  );
}

function wantedKind({ kind }: Label): string {
  return kind === 'not_bounce' ? 'unrelated' : kind;
}
