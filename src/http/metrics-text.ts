/**
 * Writes figures in Prometheus' text format, version 0.0.4. Almost all of them are read from the database when they are
 * asked for, so that every web process gives the same answer; what a client library adds is a memory of counts, which
 * nothing here needs.
 */

export interface Metric {
  name: string;
  /** What it counts, for people. */
  help: string;
  /** A counter only goes up, and its name ends in `_total`. */
  type: 'gauge' | 'counter';
  /** A value that is null is left out: not known is not 0. */
  values: { labels?: Record<string, string>; value: number | null }[];
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One block a metric, those without any value left out. Two values with the same name and labels are the caller's fault. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, values }) => {
      const lines = values.flatMap(({ labels = {}, value }) =>
        value === null ? [] : [`${name}${formatLabels(labels)} ${formatValue(value)}`],
      );
      return lines.length === 0
        ? []
        : [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines];
    })
    .map((line) => `${line}\n`)
    .join('');
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"');
