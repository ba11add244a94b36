/** The benchmark's figures as tables to read in a terminal, and as charts. */
import { drawBars, drawLogLines } from './plot.ts';
import type { CostPoint, CostResult } from './ranking-cost.ts';
import type { SetResult } from './ranking-measure.ts';
import { QUALITIES, type Quality } from './ranking-metrics.ts';

const QUALITY_NAMES = Object.keys(QUALITIES) as (keyof Quality)[];

export function describeSet({ set, papers, readers, methods }: SetResult): string {
  const header = [
    'method',
    ...QUALITY_NAMES.map((name) => QUALITIES[name]),
    'ms/reader',
    'index s',
    'index MB',
    'readers',
  ];
  const rows = methods.map(({ method, kind, quality, msPerReader, indexMs, indexMb, readers: asked }) => [
    kind === 'part' ? `  ${method}` : method,
    ...QUALITY_NAMES.map((name) => quality[name].toFixed(3).replace(/^0/, '')),
    msPerReader.toFixed(2),
    (indexMs / 1000).toFixed(2),
    indexMb.toFixed(0),
    asked === readers ? 'all' : `${asked} of ${readers}`,
  ]);
  return `\n${set}: ${papers} papers, ${readers} readers\n${formatTable([header, ...rows])}`;
}

export function describeCost({ byReaders, byPapers, memory }: CostResult): string {
  const header = ['readers', 'papers', 'ms/reader least', 'median', 'index s', 'index MB'];
  const rows = [...byReaders, ...byPapers].map(({ readers, papers, minMs, medianMs, indexMs, indexMb }) => [
    String(readers),
    String(papers),
    minMs.toFixed(3),
    medianMs.toFixed(3),
    (indexMs / 1000).toFixed(2),
    indexMb.toFixed(0),
  ]);
  const { readers, papers, peakMb, heapMb } = memory;
  return [
    '\ncost of a digest of ten papers, processor time, readers with three keywords and five liked papers:',
    formatTable([header, ...rows]),
    `memory: ${readers} profiles against ${papers} papers: peak ${peakMb.toFixed(0)} MB (aim 600), heap ${heapMb.toFixed(0)} MB`,
  ].join('\n');
}

const CHART_QUALITIES = ['ndcg10', 'map', 'recall50'] as const;

/** A file each: quality by method for every set, and the costs where they were measured. */
export function drawCharts(
  sets: readonly SetResult[],
  cost: CostResult | undefined,
): { name: string; svg: string }[] {
  const charts = sets.map(({ set, methods }) => {
    const shown = methods.filter(({ kind }) => kind !== 'part');
    const groups = CHART_QUALITIES.map((name) => QUALITIES[name]);
    const told = shown.map(
      ({ method, quality }) =>
        `${method}: ${CHART_QUALITIES.map((name) => `${QUALITIES[name]} ${quality[name].toFixed(3)}`).join(', ')}.`,
    );
    return {
      name: `quality-${set.replaceAll(' ', '-')}.svg`,
      svg: drawBars(
        {
          title: `Quality by method: ${set}`,
          description: told.join(' '),
          xLabel: 'measure',
          yLabel: 'mean over readers',
        },
        groups,
        shown.map(({ method, quality }) => ({
          label: method,
          values: CHART_QUALITIES.map((name) => quality[name]),
        })),
      ),
    };
  });
  if (!cost) return charts;
  return [
    ...charts,
    drawCost('cost-by-readers.svg', byReaders(cost.byReaders)),
    drawCost('cost-by-papers.svg', byPapers(cost.byPapers)),
  ];
}

interface CostChart {
  title: string;
  xLabel: string;
  unit: string;
  lines: { label: string; points: { x: number; y: number }[] }[];
}

function byReaders(points: readonly CostPoint[]): CostChart {
  return {
    title: `Cost by number of readers, ${points[0]?.papers.toLocaleString('en')} papers`,
    xLabel: 'readers',
    unit: 'seconds of processor',
    lines: [
      {
        label: 'ranking for all of them',
        points: points.map(({ readers, medianMs }) => ({ x: readers, y: (medianMs * readers) / 1000 })),
      },
      {
        label: 'index, once',
        points: points.map(({ readers, indexMs }) => ({ x: readers, y: indexMs / 1000 })),
      },
    ],
  };
}

function byPapers(points: readonly CostPoint[]): CostChart {
  return {
    title: 'Cost by number of papers',
    xLabel: 'papers to choose from',
    unit: 'milliseconds of processor',
    lines: [
      { label: 'one reader', points: points.map(({ papers, medianMs }) => ({ x: papers, y: medianMs })) },
      { label: 'index, once', points: points.map(({ papers, indexMs }) => ({ x: papers, y: indexMs })) },
    ],
  };
}

function drawCost(name: string, { title, xLabel, unit, lines }: CostChart): { name: string; svg: string } {
  const told = lines.map(
    ({ label, points }) =>
      `${label}: ${points.map(({ x, y }) => `${y.toPrecision(3)} at ${x.toLocaleString('en')}`).join(', ')}.`,
  );
  const description = `In ${unit}. ${told.join(' ')}`;
  return { name, svg: drawLogLines({ title, description, xLabel, yLabel: unit }, lines) };
}

/** Columns as wide as they need be; the first to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
