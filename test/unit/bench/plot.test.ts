/** Guards the benchmark's charts: SVG that parses, says what it shows in words, and escapes what it is given. */
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { drawBars, drawLogLines } from '../../bench/plot.ts';

const words = { title: 'Cost & "quality" <now>', description: 'A is 1 < 2.', xLabel: 'x', yLabel: 'y' };

describe('charts', () => {
  it('draw a bar for every value, as high as it is, with its number in words', () => {
    const svg = drawBars(
      words,
      ['MAP', 'R@50'],
      [
        { label: 'ours', values: [0.4, 0.2] },
        { label: 'A & B', values: [0.1, 0] },
      ],
    );
    expect(XMLValidator.validate(svg)).toBe(true);
    const heights = [...svg.matchAll(/height="([\d.]+)"><title>([^<]*)</g)].map(([, height, told]) => [
      told,
      Number(height),
    ]);
    expect(heights).toEqual([
      ['ours, MAP: 0.400', expect.any(Number)],
      ['A &amp; B, MAP: 0.100', expect.any(Number)],
      ['ours, R@50: 0.200', expect.any(Number)],
      ['A &amp; B, R@50: 0.000', 0],
    ]);
    expect(Number(heights[0]?.[1]) / Number(heights[2]?.[1])).toBeCloseTo(2, 1);
    expect(svg).toContain('<title id="title">Cost &amp; &quot;quality&quot; &lt;now&gt;</title>');
    expect(svg).toContain('<desc id="description">A is 1 &lt; 2.</desc>');
  });

  it('put equal factors at equal distances', () => {
    const points = [1000, 10_000, 100_000].map((x) => ({ x, y: x / 1000 }));
    const svg = drawLogLines(words, [{ label: 'ms', points }]);
    expect(XMLValidator.validate(svg)).toBe(true);
    const xs = [...svg.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect((xs[1] ?? 0) - (xs[0] ?? 0)).toBeCloseTo((xs[2] ?? 0) - (xs[1] ?? 0), 0);
  });

  it('are there for a single point and for values of 0', () => {
    expect(XMLValidator.validate(drawBars(words, ['MAP'], [{ label: 'none', values: [0] }]))).toBe(true);
    const svg = drawLogLines(words, [{ label: 'one', points: [{ x: 10, y: 1 }] }]);
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});
