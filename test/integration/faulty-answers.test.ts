/** Refusals, faults and answers of any size, from real servers on loopback: what is asked for again, and what is taken for whole, read and unchanged. */
import type { RequestListener } from 'node:http';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { getText, getTextIfChanged } from '../../src/papers/sources/get-text.ts';
import { LIMITS, redirecting, usePoliteServers } from '../support/polite-servers.ts';

const net = usePoliteServers();
const { ctx, seen, waits } = net;

describe('refusals and faults', () => {
  it('waits as long as a 429 asks for', async () => {
    net.handle = (_request, response) => {
      if (seen.length > 2) return response.end('fine');
      response.writeHead(429, { 'retry-after': '7' });
      response.end();
    };
    await expect(getText(ctx, net.url, LIMITS)).resolves.toBe('fine');
    expect(waits).toEqual([7_000, 7_000]);
  });

  it('does not wait longer than half a minute', async () => {
    net.handle = (_request, response) => {
      response.writeHead(429, { 'retry-after': '31' });
      response.end();
    };
    await expect(getText(ctx, net.url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_HTTP_ERROR',
      retry: true,
    });
    expect(seen).toHaveLength(1);
  });

  it('tries three times in all, with growing waits of random length', async () => {
    net.handle = (_request, response) => {
      response.writeHead(500);
      response.end();
    };
    await expect(getText(ctx, net.url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_HTTP_ERROR',
      retry: true,
    });
    expect(seen).toHaveLength(3);
    expect(waits).toEqual([500, 1_000]);
  });

  it('reads on where the third answer is whole: one cut before it began, one in the middle', async () => {
    net.handle = (request, response) => {
      if (seen.length === 1) return request.socket.destroy();
      if (seen.length > 2) return response.end('whole');
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => request.socket.destroy());
    };
    await expect(getText(ctx, net.url, LIMITS)).resolves.toBe('whole');
    expect(waits).toEqual([500, 1_000]);
  });

  it('never takes half a body for the whole', async () => {
    net.handle = (request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(gzipSync('x'.repeat(5_000)).subarray(0, 20), () => request.socket.destroy());
    };
    await expect(getText(ctx, net.url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      retry: true,
    });
  });

  it('does not ask again for what will not change', async () => {
    net.handle = (_request, response) => {
      response.writeHead(404);
      response.end();
    };
    await expect(getText(ctx, net.url, LIMITS)).rejects.toMatchObject({
      code: 'SOURCE_HTTP_ERROR',
      retry: false,
    });
    expect(seen).toHaveLength(1);
  });

  it('stops at the limit: 50 MB announced, 50 MB without end, and 500 MB packed into 500 kB', async () => {
    const answers: RequestListener[] = [
      (_request, response) => response.writeHead(200, { 'content-length': '50000000' }).write('x'),
      (_request, response) => {
        const chunk = Buffer.alloc(1_000_000, 'x');
        const more = (left: number) =>
          left > 0 && !response.destroyed ? response.write(chunk, () => more(left - 1)) : response.end();
        more(50);
      },
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const gzip = createGzip();
        gzip.pipe(response);
        const chunk = Buffer.alloc(1_000_000);
        const more = (left: number) =>
          left > 0 && !response.destroyed ? gzip.write(chunk, () => more(left - 1)) : gzip.end();
        more(500);
      },
    ];
    for (const answer of answers) {
      net.handle = answer;
      await expect(getText(ctx, net.url, LIMITS)).rejects.toMatchObject({
        code: 'SOURCE_TOO_LARGE',
        retry: false,
      });
    }
    expect(seen).toHaveLength(3);
  });

  it('reads the encoding that the header or the document names', async () => {
    const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>';
    net.handle = (_request, response) => response.end(Buffer.from(xml, 'latin1'));
    await expect(getText(ctx, net.url, LIMITS)).resolves.toContain('Zoë');
    net.handle = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; charset=windows-1252' });
      response.end(Buffer.from('Zo\xeb', 'latin1'));
    };
    await expect(getText(ctx, net.url, LIMITS)).resolves.toBe('Zoë');
    net.handle = (_request, response) =>
      response.writeHead(200, { 'content-type': 'a/b; charset=none' }).end('Zoë');
    await expect(getText(ctx, net.url, LIMITS)).resolves.toBe('Zoë');
  });
});

describe('getTextIfChanged', () => {
  it('hands out the validators and sends them back, redirects or not', async () => {
    const modified = 'Tue, 01 Jul 2025 00:00:00 GMT';
    net.handle = (request, response) => {
      if (request.url === '/old') return redirecting({ '/old': '/new' })(request, response);
      const same = request.headers['if-none-match'] === '"v1"';
      response.writeHead(same ? 304 : 200, { etag: '"v1"', 'last-modified': modified });
      response.end(same ? undefined : 'text');
    };
    const first = await getTextIfChanged(ctx, `${net.url}/old`, LIMITS);
    expect(first).toEqual({ status: 'changed', body: 'text', etag: '"v1"', lastModified: modified });
    const second = await getTextIfChanged(ctx, `${net.url}/old`, {
      ...LIMITS,
      etag: '"v1"',
      lastModified: modified,
    });
    expect(second).toEqual({ status: 'unchanged' });
    expect(seen.at(-1)?.headers).toMatchObject({ 'if-none-match': '"v1"', 'if-modified-since': modified });
  });

  it('does not believe a 304 that nobody asked for', async () => {
    net.handle = (_request, response) => response.writeHead(304).end();
    await expect(getTextIfChanged(ctx, net.url, LIMITS)).rejects.toMatchObject({ code: 'SOURCE_HTTP_ERROR' });
  });
});
