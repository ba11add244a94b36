/** Addresses with a trick in them open nothing, find no file, and are not quoted back. */
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Answer, useUntouchedSite } from '../support/bad-requests.ts';

const untouched = useUntouchedSite();
const { route } = untouched;

/** Over a socket, since a URL parser on the way would tidy the address up. */
async function overSocket(method: string, path: string): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port: untouched.port, method, path, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = await response.toArray();
  return {
    statusCode: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

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
      const token = route(folder).url.split('/')[2] ?? untouched.site.path('digest', 1).split('/')[2] ?? '';
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
