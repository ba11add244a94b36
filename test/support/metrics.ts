/** Reads Prometheus' text format as strictly as Prometheus does, so that a test fails where a scrape would. */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Throws at the first line that is none, at values without a type, and at the same value told twice. */
export function parseMetrics(text: string): Sample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const seen = new Set<string>();
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line);
      if (comment) {
        const [, kind, name = '', rest = ''] = comment;
        if (kind === 'HELP') return [];
        if (types.has(name) || !/^(counter|gauge)$/.test(rest)) throw new Error(`a bad type: ${line}`);
        types.set(name, rest);
        return [];
      }
      const sample = parseSample(line);
      const type = types.get(sample.name);
      if (!type) throw new Error(`no type before: ${line}`);
      if ((type === 'counter') !== sample.name.endsWith('_total')) throw new Error(`a bad name: ${line}`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      return [sample];
    });
}

function parseSample(line: string): Sample {
  const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"`;
  const match = new RegExp(
    String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:${LABEL}(?:,|(?=\})))+)\})? (\S+)$`,
    's',
  ).exec(line);
  if (!match) throw new Error(`no sample: ${line}`);
  const [, name = '', labels = ''] = match;
  const value = match.at(-1) ?? '';
  const UNESCAPED: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };
  return {
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(new RegExp(LABEL, 'gs'))].map(([, key = '', text = '']) => [
        key,
        text.replace(/\\./g, (escaped) => UNESCAPED[escaped] ?? ''),
      ]),
    ),
    value: Number(value.replace(/^([+-]?)Inf$/, '$1Infinity')),
  };
}
