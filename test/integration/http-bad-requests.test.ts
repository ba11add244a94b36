/** Requests that no form of ours makes: wrong kinds of content, broken and huge bodies, methods and addresses that don't exist. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerUnreadable } from '../../src/http/unreadable-request.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { createTestSite, encodeForm, type TestSite } from '../support/site.ts';

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=x';
let site: TestSite;
let port: number;
/** Every address that takes a POST, with a body that would do something if it were taken. */
let posts: Record<string, { url: string; fields: Record<string, string> }>;
let before: unknown;

beforeAll(async () => {
  site = await createTestSite();
  const pending = await site.addPending('pending@example.org');
  const reader = await site.addReader('reader@example.org');
  const left = await site.addReader('left@example.org');
  await site.app.inject({ method: 'POST', url: site.path('unsubscribe', left) });
  const papers = [makePaper({ title: 'Hands that feel' }), makePaper({ title: 'Legs that run' })];
  await storePapers(site.ctx, papers, site.clock.now());
  const [paperId = 0, judged = 0] = (await site.sql`select id::int from papers order by id`).map(
    (row) => row.id,
  );
  await site.postForm(site.path('more', reader, { paperId: judged }), {});
  posts = {
    subscribe: { url: '/subscribe', fields: { email: 'ada@example.org' } },
    api: { url: '/api/subscriptions', fields: { email: 'ada@example.org' } },
    confirm: { url: site.path('confirm', pending), fields: {} },
    preferences: { url: site.path('preferences', reader), fields: { keywords: 'robots' } },
    pause: { url: site.path('pause', reader), fields: { until: 'week' } },
    unsubscribe: { url: site.path('unsubscribe', reader), fields: { 'List-Unsubscribe': 'One-Click' } },
    undo: { url: `${site.path('unsubscribe', left)}/undo`, fields: {} },
    more: { url: site.path('more', reader, { paperId }), fields: {} },
    less: { url: site.path('less', reader, { paperId }), fields: {} },
    'take back': { url: `${site.path('more', reader, { paperId: judged })}/undo`, fields: {} },
    forget: { url: `${site.path('preferences', reader)}/forget`, fields: { paper: String(judged) } },
  };
  await site.app.listen({ port: 0, host: '127.0.0.1' });
  const address = site.app.server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
beforeEach(async () => {
  before = await site.dump();
});
// The promise of this whole file.
afterEach(async () => {
  expect(await site.dump()).toEqual(before);
});
afterAll(() => site.close());

type Answer = { statusCode: number; headers: Record<string, unknown>; body: string };

/** The status, with a sentence: in JSON with a code for programs, on a page for people. */
function expectRefusal({ statusCode, headers, body }: Answer, url: string, statuses: number[]) {
  expect(statuses).toContain(statusCode);
  if (url.startsWith('/api/')) {
    expect(JSON.parse(body)).toEqual({
      error: { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/^[A-Z].+\.$/) },
    });
  } else {
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(/<h1>[^<]{5,}<\/h1>\n<p>[^<]{15,}<\/p>/);
  }
}

const routes = [
  'subscribe',
  'api',
  'confirm',
  'preferences',
  'pause',
  'unsubscribe',
  'undo',
  'more',
  'less',
  'take back',
  'forget',
];
const route = (name: string) => posts[name] ?? { url: '', fields: {} };

describe.each(routes)('a POST to %s', (name) => {
  const post = (type: string | undefined, payload: string) =>
    site.app.inject({
      method: 'POST',
      url: route(name).url,
      payload,
      headers: type ? { 'content-type': type } : {},
    });

  it('with content of another kind is refused', async () => {
    const { url, fields } = route(name);
    const others: [string | undefined, string][] = [
      ['text/plain', encodeForm(fields)],
      ['text/xml', '<email>ada@example.org</email>'],
      ['application/octet-stream', encodeForm(fields)],
      [undefined, 'email=ada@example.org'],
      ['nonsense', encodeForm(fields)],
    ];
    // These two take forms of both kinds.
    if (name !== 'unsubscribe' && name !== 'subscribe') others.push([MULTIPART, '--x\r\n\r\n--x--']);
    others.push(name === 'api' ? [FORM, encodeForm(fields)] : ['application/json', JSON.stringify(fields)]);
    for (const [type, payload] of others) expectRefusal(await post(type, payload), url, [415]);
  });

  it('of five megabytes is refused', async () => {
    const { url } = route(name);
    const huge = 'a'.repeat(5_000_000);
    const [type, payload] =
      name === 'api' ? ['application/json', JSON.stringify({ huge })] : [FORM, `huge=${huge}`];
    expectRefusal(await post(type, payload), url, [413]);
  });

  it('of broken JSON is refused', async () => {
    for (const payload of [
      '',
      '{',
      '{"email":',
      '{"email":"ada@example.org",}',
      "{'email'}",
      '\0',
      '\ufeff[',
    ]) {
      expectRefusal(await post('application/json', payload), route(name).url, [400, 415]);
    }
  });
});

it('a form that can not be decoded is refused', async () => {
  for (const payload of [
    'email=%E0%A4%A',
    'email=%',
    '%00=%00',
    '=&=&=',
    '&&&',
    'email',
    '[]',
    'email[]=ada@example.org',
  ]) {
    const headers = { 'content-type': FORM };
    const { statusCode } = await site.app.inject({ method: 'POST', url: '/subscribe', payload, headers });
    expect([payload, statusCode]).toEqual([payload, 400]);
  }
});

it('a method that an address does not take is refused', async () => {
  const targets = [
    '/',
    '/subscribed',
    '/healthz',
    '/assets/paperboy.js',
    ...Object.values(posts).map(({ url }) => url),
  ];
  for (const url of targets) {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const) {
      expectRefusal(await site.app.inject({ method, url }), url, [404, 405]);
    }
  }
  for (const url of ['/', '/subscribed', '/healthz']) {
    expectRefusal(await site.app.inject({ method: 'POST', url }), url, [404, 405]);
  }
  for (const url of ['/subscribe', '/api/subscriptions', route('undo').url]) {
    expectRefusal(await site.app.inject({ method: 'GET', url }), url, [404, 405]);
  }
});

/** Over a socket, since a URL parser on the way would tidy the address up. */
async function overSocket(method: string, path: string): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, method, path, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = await response.toArray();
  return {
    statusCode: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

/** All that comes back for these bytes, until the site hangs up. */
async function overBareSocket(bytes: string): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(chunks)
    .toString()
    .split(/\r\n\r\n(.*)/s);
  const [first = '', ...lines] = head.split('\r\n');
  return {
    statusCode: Number(first.split(' ')[1]),
    headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/s))),
    body,
  };
}

describe('what is no request', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a line break in the address', 'GET /confirm/secret\nx HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'secret'.repeat(3000)}\r\n\r\n`, 431],
    ['an address without end', `GET /${'secret'.repeat(3000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('gets a line of text that can do no harm, and the end: %s', async (_, bytes, status) => {
    const { statusCode, headers, body } = await overBareSocket(bytes);
    expect([statusCode, body]).toEqual([status, expect.stringMatching(/^The request [a-z ]+\.\n$/)]);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.length),
      connection: 'close',
    });
    expect(body).not.toContain('secret');
  });

  /** Node looks for slow callers every half minute; here it is said at once that it found one. */
  async function failOverSocket(code: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const [held] = await once(site.app.server, 'connection');
    site.app.server.emit('clientError', Object.assign(new Error('broken'), { code }), held);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  }

  it('because it took too long to arrive is told so, and a caller who is gone nothing', async () => {
    expect(await failOverSocket('ERR_HTTP_REQUEST_TIMEOUT')).toMatch(/^HTTP\/1\.1 408 [\s\S]*took too long/);
    expect(await failOverSocket('ECONNRESET')).toBe('');
  });

  it('behind one that is being answered ends the answer, and adds nothing to it', async () => {
    const server = createServer((_request, response) => response.write('so far'));
    server.on('clientError', answerUnreadable).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    await once(socket, 'close');
    server.close();
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*so far\r\n$/);
  });
});

describe('an address with a trick in it', () => {
  const tricks = (token: string) => [
    `${token}/`,
    `${token}%00`,
    `${token}%0d%0aSet-Cookie:%20a=b`,
    `${token}%2f`,
    `${token}%20`,
    `${token}.`,
    `${token};x`,
    `./${token}`,
    `x/../${token}`,
    `%2e%2e%2f${token}`,
    `../confirm/${token}`,
    '%2e%2e',
    '..%2f..%2f..%2fpackage.json',
    '%00',
    '%',
    '%zz',
    '%C0%AE%C0%AE',
    '%ff%fe',
    'a'.repeat(301),
    'a'.repeat(8000),
  ];

  it.each(['confirm', 'preferences', 'pause', 'unsubscribe', 'digests', 'more', 'less'])(
    'opens nothing under /%s/',
    async (folder) => {
      const token = route(folder).url.split('/')[2] ?? site.path('digest', 1).split('/')[2] ?? '';
      for (const trick of tricks(token)) {
        for (const method of ['GET', 'POST']) {
          const answer = await overSocket(method, `/${folder}/${trick}`);
          expect(answer.statusCode, `${method} /${folder}/${trick}`).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode, `${method} /${folder}/${trick}`).toBeLessThan(500);
          expect(answer.headers['set-cookie']).toBeUndefined();
        }
      }
    },
  );

  it.each([
    '/subscribe/',
    '//subscribe',
    '/./subscribe',
    '/SUBSCRIBE',
    '/subscribe%00',
    '/subscribe%2f',
    '/assets/',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/../../package.json',
    '/assets/paperboy.css%00.js',
    '/api/../subscribe',
    '/.env',
    '/.git/config',
    '/mailbox',
    '/%c0%ae%c0%ae/package.json',
    'http://evil.example/subscribe/',
  ])('is not found: %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { statusCode, body } = await overSocket(method, path);
      expect([400, 404]).toContain(statusCode);
      expect(body).not.toContain('"dependencies"');
    }
  });

  it.each(['/confirm/%', `/confirm/${'t'.repeat(400)}`])('is not quoted back: %s', async (path) => {
    const { statusCode, headers, body } = await overSocket('GET', path);
    expect([400, 404, 414]).toContain(statusCode);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(body).not.toContain(path);
  });
});
