/** Requests that no form of ours makes: wrong kinds of content, broken and huge bodies, and methods that an address does not take. */
import { describe, expect, it } from 'vitest';
import { type Answer, useUntouchedSite } from '../support/bad-requests.ts';
import { encodeForm } from '../support/site.ts';

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=x';
const untouched = useUntouchedSite();
const { route } = untouched;

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

describe.each(routes)('a POST to %s', (name) => {
  const post = (type: string | undefined, payload: string) =>
    untouched.site.app.inject({
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
    const { statusCode } = await untouched.site.app.inject({
      method: 'POST',
      url: '/subscribe',
      payload,
      headers,
    });
    expect([payload, statusCode]).toEqual([payload, 400]);
  }
});

it('a method that an address does not take is refused', async () => {
  const targets = [
    '/',
    '/subscribed',
    '/healthz',
    '/assets/paperboy.js',
    ...Object.values(untouched.posts).map(({ url }) => url),
  ];
  for (const url of targets) {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const) {
      expectRefusal(await untouched.site.app.inject({ method, url }), url, [404, 405]);
    }
  }
  for (const url of ['/', '/subscribed', '/healthz']) {
    expectRefusal(await untouched.site.app.inject({ method: 'POST', url }), url, [404, 405]);
  }
  for (const url of ['/subscribe', '/api/subscriptions', route('undo').url]) {
    expectRefusal(await untouched.site.app.inject({ method: 'GET', url }), url, [404, 405]);
  }
});
