/** The text that Prometheus reads: one bad line and it takes none of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMetrics, type Metric } from '../../../src/http/metrics-text.ts';
import { parseMetrics } from '../../support/metrics.ts';

const metric = (values: Metric['values'], over: Partial<Metric> = {}): Metric => ({
  name: 'papers_total',
  help: 'Papers.',
  type: 'counter',
  values,
  ...over,
});

describe('the text format', () => {
  it('gives help and type once, and a line a value', () => {
    expect(
      formatMetrics([
        metric([
          { labels: { source: 'hf', kind: 'new' }, value: 3 },
          { labels: { source: 'arxiv', kind: 'new' }, value: 0.25 },
        ]),
        metric([{ value: 1e21 }], { name: 'big', type: 'gauge' }),
      ]),
    ).toBe(
      [
        '# HELP papers_total Papers.',
        '# TYPE papers_total counter',
        'papers_total{source="hf",kind="new"} 3',
        'papers_total{source="arxiv",kind="new"} 0.25',
        '# HELP big Papers.',
        '# TYPE big gauge',
        'big 1e+21',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what is not known, and the whole metric where nothing is', () => {
    expect(formatMetrics([metric([{ labels: { source: 'hf' }, value: null }])])).toBe('');
    expect(formatMetrics([metric([{ labels: { source: 'hf' }, value: null }, { value: 1 }])])).toContain(
      '\npapers_total 1\n',
    );
    expect(formatMetrics([])).toBe('');
  });

  it('writes values that are no finite number in the words of Prometheus', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value, at) => ({
      labels: { at: String(at) },
      value,
    }));
    expect(formatMetrics([metric(values)]).match(/(?<=\} )\S+$/gm)).toEqual(['NaN', '+Inf', '-Inf']);
  });

  it('carries any label and any help through, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.double(), (label, help, value) => {
        const text = formatMetrics([metric([{ labels: { source: label }, value }], { help })]);
        expect(parseMetrics(text)).toEqual([
          { name: 'papers_total', labels: { source: label }, value: Object.is(value, -0) ? 0 : value },
        ]);
      }),
    );
  });
});
