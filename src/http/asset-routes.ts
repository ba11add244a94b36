/** Style, script and logo. Few and small, so they are held in memory and compressed once. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { projectRoot } from '../project-root.ts';
import { acceptedEncoding } from './accepted-encoding.ts';

interface Asset {
  type: string;
  plain: Buffer;
  gzip: Buffer;
  br: Buffer;
}

export interface Assets {
  /** Changes with any file; pages put it into the address, so that a browser may keep an asset for good. */
  version: string;
  files: ReadonlyMap<string, Asset>;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export function loadAssets(): Assets {
  const folder = join(projectRoot, 'templates', 'assets');
  const paths = new Map(readdirSync(folder).map((name) => [name, join(folder, name)]));
  const pico = 'pico.classless.min.css';
  paths.set(pico, createRequire(import.meta.url).resolve(`@picocss/pico/css/${pico}`));
  const hash = createHash('sha256');
  const files = new Map<string, Asset>();
  for (const [name, path] of [...paths].sort()) {
    const type = TYPES[extname(name)];
    if (!type) continue;
    const plain = readFileSync(path);
    hash.update(plain);
    files.set(name, { type, plain, gzip: gzipSync(plain), br: brotliCompressSync(plain) });
  }
  return { version: hash.digest('hex').slice(0, 10), files };
}

export function registerAssets(app: FastifyInstance, { files }: Assets): void {
  for (const [name, asset] of files) {
    app.get(`/assets/${name}`, { schema: { hide: true }, logLevel: 'warn' }, async (request, reply) => {
      const encoding = acceptedEncoding(request);
      if (encoding) reply.header('content-encoding', encoding);
      return reply
        .header('vary', 'accept-encoding')
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(asset.type)
        .send(asset[encoding ?? 'plain']);
    });
  }
  app.get('/favicon.ico', { schema: { hide: true }, logLevel: 'warn' }, async (_request, reply) =>
    reply.redirect('/assets/logo.svg', 301),
  );
}
