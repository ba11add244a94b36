/**
 * Charts as SVG text: bars in groups, and lines on logarithmic axes. Each carries its own background and colours for light
 * and dark, and says what it shows in words.
 */

export interface ChartWords {
  title: string;
  /** What the chart says, for those who can't see it. */
  description: string;
  xLabel: string;
  yLabel: string;
}

export interface Series {
  label: string;
  points: readonly { x: number; y: number }[];
}

const WIDTH = 860;
const HEIGHT = 440;
const PLOT = { left: 74, right: 24, top: 84, bottom: 60 };
const INNER = { width: WIDTH - PLOT.left - PLOT.right, height: HEIGHT - PLOT.top - PLOT.bottom };
const BASE = HEIGHT - PLOT.bottom;

/** Told apart by lightness as well as by hue, so that they stay apart for the colour-blind and in print. */
const LIGHT = ['#0b5fae', '#e08a00', '#1b8a5a', '#a23b72', '#6f7782', '#c23b22', '#4b3b8f'];
const DARK = ['#6db3f2', '#ffc04d', '#63d3a1', '#e58cc0', '#a7b0bb', '#ff8a73', '#b0a2f5'];

/** One group for each of `groups`, one bar in it for each series; `values[group]` of a series, 0 to 1. */
export function drawBars(
  words: ChartWords,
  groups: readonly string[],
  series: readonly { label: string; values: readonly number[] }[],
): string {
  const highest = Math.max(0, ...series.flatMap(({ values }) => values));
  const step = [0.02, 0.05, 0.1, 0.2].find((size) => highest / size <= 6) ?? 0.2;
  const top = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
  const yOf = (value: number) => BASE - (value / top) * INNER.height;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => at * step);
  const groupWidth = INNER.width / Math.max(1, groups.length);
  const barWidth = (groupWidth * 0.84) / Math.max(1, series.length);
  const bars = groups.flatMap((group, groupAt) => {
    const left = PLOT.left + groupWidth * (groupAt + 0.08);
    return [
      text(left + groupWidth * 0.42, BASE + 20, group, 'middle'),
      ...series.map(({ label, values }, at) => {
        const value = values[groupAt] ?? 0;
        const x = left + at * barWidth;
        return (
          `<rect class="s${at % LIGHT.length}" x="${round(x + 1)}" y="${round(yOf(value))}" width="${round(barWidth - 2)}" ` +
          `height="${round(BASE - yOf(value))}"><title>${escapeXml(`${label}, ${group}: ${value.toFixed(3)}`)}</title></rect>` +
          text(x + barWidth / 2, yOf(value) - 4, value.toFixed(3).replace(/^0/, ''), 'middle', 'small')
        );
      }),
    ];
  });
  return frame(
    words,
    series.map(({ label }) => label),
    [...ticks.map((value) => gridLine(yOf(value), value.toFixed(step < 0.1 ? 2 : 1))), ...bars],
  );
}

/** Both axes are logarithmic, so that a cost that grows with its cause is a straight line. Values must be above 0. */
export function drawLogLines(words: ChartWords, series: readonly Series[]): string {
  const points = series.flatMap((line) => line.points);
  const xs = powers(points.map(({ x }) => x));
  const ys = powers(points.map(({ y }) => y));
  const place = (value: number, [first = 0, last = 1]: readonly number[], length: number) =>
    ((Math.log10(value) - first) / Math.max(1e-9, last - first)) * length;
  const xRange = [
    Math.log10(Math.min(...points.map(({ x }) => x))) - 0.1,
    Math.log10(Math.max(...points.map(({ x }) => x))) + 0.1,
  ];
  const yRange = [ys[0] ?? 0, ys.at(-1) ?? 1];
  const xOf = (value: number) => PLOT.left + place(value, xRange, INNER.width);
  const yOf = (value: number) => BASE - place(value, yRange, INNER.height);
  const told = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const marks = told.length <= 8 ? told : xs.map((power) => 10 ** power);
  const lines = series.flatMap(({ label, points: own }, at) => {
    const look = at % LIGHT.length;
    const path = own
      .map(({ x, y }, place) => `${place === 0 ? 'M' : 'L'}${round(xOf(x))} ${round(yOf(y))}`)
      .join('');
    return [
      `<path class="line l${look}" d="${path}"/>`,
      ...own.map(
        ({ x, y }) =>
          `<circle class="s${look}" cx="${round(xOf(x))}" cy="${round(yOf(y))}" r="4"><title>${escapeXml(`${label}, ${plain(x)}: ${plain(y)}`)}</title></circle>` +
          text(xOf(x), yOf(y) + (at % 2 === 0 ? -10 : 20), plain(y), 'middle', 'small'),
      ),
    ];
  });
  return frame(
    words,
    series.map(({ label }) => label),
    [
      ...ys.map((power) => gridLine(yOf(10 ** power), plain(10 ** power))),
      ...marks.map((x) => text(xOf(x), BASE + 20, plain(x), 'middle')),
      ...lines,
    ],
  );
}

function frame(words: ChartWords, labels: readonly string[], content: readonly string[]): string {
  let left = PLOT.left;
  const legend = labels.map((label, at) => {
    const entry = `<rect class="s${at % LIGHT.length}" x="${left}" y="50" width="12" height="12"/>${text(left + 18, 60, label, 'start')}`;
    left += 34 + Math.ceil(label.length * 6.7);
    return entry;
  });
  const colours = (palette: readonly string[]) =>
    palette.map((colour, at) => `.s${at}{fill:${colour}}.l${at}{stroke:${colour}}`).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(words.title)}</title>`,
    `<desc id="description">${escapeXml(words.description)}</desc>`,
    '<style>',
    'text{font:13px system-ui,sans-serif;fill:#1d2329}.small{font-size:11px}.head{font-size:17px;font-weight:600}',
    '.back{fill:#fff}.grid{stroke:#d5dae0}.axis{stroke:#1d2329}.line{fill:none;stroke-width:2.5}',
    colours(LIGHT),
    `@media (prefers-color-scheme:dark){text{fill:#e8ecf0}.back{fill:#14181d}.grid{stroke:#363d46}.axis{stroke:#e8ecf0}${colours(DARK)}}`,
    '</style>',
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(PLOT.left, 30, words.title, 'start', 'head'),
    ...legend,
    ...content,
    `<line class="axis" x1="${PLOT.left}" y1="${BASE}" x2="${WIDTH - PLOT.right}" y2="${BASE}"/>`,
    text(PLOT.left + INNER.width / 2, HEIGHT - 14, words.xLabel, 'middle'),
    `<g transform="translate(20 ${PLOT.top + INNER.height / 2}) rotate(-90)">${text(0, 0, words.yLabel, 'middle')}</g>`,
    '</svg>',
    '',
  ].join('\n');
}

function gridLine(y: number, label: string): string {
  return `<line class="grid" x1="${PLOT.left}" y1="${round(y)}" x2="${WIDTH - PLOT.right}" y2="${round(y)}"/>${text(PLOT.left - 8, y + 4, label, 'end')}`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', look = ''): string {
  const name = look && ` class="${look}"`;
  return `<text${name} x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}

/** Powers of ten around the values, from the one below the least to the one above the greatest. */
function powers(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** Three digits that matter, without the noise of binary fractions. */
function plain(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
