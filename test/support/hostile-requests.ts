/** Requests made of hostile values, one to each place of each route where text may stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { projectRoot } from '../../src/project-root.ts';
import { HOSTILE_BODIES, wellFormed } from './hostile-values.ts';
import type { Route } from './list-routes.ts';
import { encodeForm } from './site.ts';

export interface HostileRequest {
  route: Route;
  request: InjectOptions;
}

export interface Target {
  routes: readonly Route[];
  /** Valid ones of a reader, by the first part of the path that they belong to. */
  tokens: Readonly<Record<string, string>>;
}

/** Node reads no longer head of a request than 16 KB. */
const LONGEST_URL = 12_000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** All names that a form or an address of ours knows. */
const fieldNames = [
  ...new Set([
    ...namesInTemplates(),
    ...['q', 'sort', 'page', 'day', 'week', 'period', 'topic', 'liked', 'notKnown', 'excluded'],
    ...['__proto__', 'constructor'],
  ]),
];

const HEADERS = [
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-type', 'cookie'],
  ...['if-modified-since', 'if-none-match', 'origin', 'range', 'referer', 'user-agent', 'x-part'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-http-method-override', 'x-amz-sns-topic-arn'],
];

function namesInTemplates(): string[] {
  const folder = join(projectRoot, 'templates');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.eta'),
  );
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return sources.flatMap((source) => [...source.matchAll(/\sname="([\w-]+)"/g)].map(([, name = '']) => name));
}

/** POSTs that do what their form says; elsewhere an open link alone acts, and it takes a broken one to change nothing. */
const JUDGED_BY_FORM = new Set([
  '/pause/:token',
  ...['', '/preview', '/like', '/forget', '/address'].map((what) => `/preferences/:token${what}`),
]);

/** With the value where a parameter stands. */
function closedPath(pattern: string, value: string): string {
  return pattern.replace(/:\w+|\*/g, () => encodeURIComponent(wellFormed(value)));
}

/** With a token that opens it, where there is one. */
function openPath(pattern: string, { tokens }: Target): string {
  const token = tokens[pattern.split('/')[1] ?? ''] ?? 'x';
  return closedPath(
    pattern.replace(':token', () => token),
    'x',
  );
}

function formPath(pattern: string, target: Target): string {
  return JUDGED_BY_FORM.has(pattern) ? openPath(pattern, target) : closedPath(pattern, 'x');
}

/** GETs with the value as a parameter, in the query or in all headers: in turn, and left out two times of five. */
export function* hostileGets(values: readonly string[], target: Target): Generator<HostileRequest> {
  for (const [nth, route] of target.routes.filter(({ method }) => method === 'GET').entries()) {
    const open = openPath(route.pattern, target);
    for (const [at, value] of values.entries()) {
      const encoded = encodeURIComponent(wellFormed(value));
      const query = fieldNames.map((name) => `${name}=${encoded}`);
      const odd = fieldNames.map((name, n) => `${name}${n % 2 ? '[]' : '[a]'}=${encoded}`);
      const header = Buffer.from(value)
        .toString('latin1')
        .replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
      const places: (InjectOptions | null)[] = [
        /[:*]/.test(route.pattern) ? { url: closedPath(route.pattern, value) } : null,
        { url: `${open}?${[...query, ...odd, ...query].join('&').slice(0, LONGEST_URL)}` },
        { url: open, headers: Object.fromEntries(HEADERS.map((name) => [name, header])) },
        null,
        null,
      ];
      const request = places[(nth + at) % places.length];
      if (request) yield { route, request };
    }
  }
}

/** POSTs with the value in all fields of a form or of JSON, in an upload, or as a parameter: in turn, with a third left out. */
export function* hostilePosts(values: readonly string[], target: Target): Generator<HostileRequest> {
  for (const [nth, route] of target.routes.filter(({ method }) => method === 'POST').entries()) {
    // In all fields, the value is always wrong in some.
    const url = formPath(route.pattern, target);
    for (const [at, value] of values.entries()) {
      const fields = Object.fromEntries(fieldNames.map((name) => [name, value]));
      const nested = { ...fields, topics: [value], keywords: [value, [value]], liked: { [value]: value } };
      const places: (InjectOptions | null)[] = [
        { url, payload: encodeForm(fields), headers: FORM },
        { url, payload: JSON.stringify(nested), headers: JSON_TYPE },
        { url: closedPath(route.pattern, value), payload: 'a=b', headers: FORM },
        { url, ...upload(value) },
        null,
        null,
      ];
      const request = places[(nth + at) % places.length];
      if (request) yield { route, request };
    }
  }
}

function upload(value: string): InjectOptions {
  const name = value.replace(/[\r\n"]/g, ' ');
  return {
    headers: { 'content-type': 'multipart/form-data; boundary=evil' },
    payload: `--evil\r\ncontent-disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${value}\r\n--evil--\r\n`,
  };
}

export function* hostileBodies(target: Target): Generator<HostileRequest> {
  for (const route of target.routes.filter(({ method }) => method === 'POST')) {
    const url = formPath(route.pattern, target);
    for (const { type, payload } of HOSTILE_BODIES) {
      yield { route, request: { url, payload, headers: { 'content-type': type } } };
    }
  }
}

/** Every route that takes a token, with valid ones in which one bit is turned. */
export function* turnedTokens(target: Target): Generator<HostileRequest> {
  for (const route of target.routes.filter(({ pattern }) => pattern.includes(':token'))) {
    const token = target.tokens[route.pattern.split('/')[1] ?? ''] ?? '';
    for (let bit = 0; bit < token.length * 8; bit += 7) {
      const bytes = Buffer.from(token, 'latin1');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      yield { route, request: { url: closedPath(route.pattern, bytes.toString('latin1')) } };
    }
  }
}
