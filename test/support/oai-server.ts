/** A loopback server that answers like an OAI-PMH archive, from recorded answers or from those a test gives it, and goes wrong when told to. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/** How the next answers go wrong. */
export type OaiFailure =
  | { kind: 'status'; status: number; retryAfter?: string; body?: string }
  /** Breaks the connection before any answer. */
  | { kind: 'cut' }
  /** Breaks the connection in the middle of this answer. */
  | { kind: 'half'; body: string };

export interface OaiServer {
  /** `http://127.0.0.1:<port>/oai2`. */
  url: string;
  requests: URLSearchParams[];
  /** Answers the next request with this document, whatever it asks for. */
  answerNext: (xml: string) => void;
  /** The next `times` answers (once by default) go wrong like this. */
  failNext: (failure: OaiFailure, times?: number) => void;
  close: () => Promise<void>;
}

export interface OaiServerOptions {
  /** A folder with `upstream/arxiv_oai` and its like. */
  dataDir?: string | null;
  /** Answers what nobody recorded; by default with `noRecordsMatch`. */
  fallback?: (params: URLSearchParams) => string;
}

export interface RecordedAnswer {
  /** `arxiv_oai/arxiv-single.xml`. */
  name: string;
  xml: string;
}

const FOLDERS = ['arxiv_oai', 'arxiv_oai_ads', 'oai_pmh_generic'];

/** An answer by hand: `<ListRecords>…</ListRecords>` or `<error …/>` in the protocol's envelope. */
export function oaiAnswer(content: string, responseDate = '2025-07-01T00:10:00Z'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${responseDate}</responseDate>
<request>http://archive.test/oai2</request>${content}</OAI-PMH>`;
}

export function oaiError(code: string, text = ''): string {
  return oaiAnswer(`<error code="${code}">${text}</error>`);
}

/** Every recorded answer; a record that was kept alone gets the envelope back that it came in. */
export function readOaiRecordings(dataDir: string | null): RecordedAnswer[] {
  if (!dataDir) return [];
  return FOLDERS.flatMap((folder) => {
    const dir = resolve(dataDir, 'upstream', folder);
    const files = existsSync(dir) ? readdirSync(dir).filter((file) => file.endsWith('.xml')) : [];
    return files.sort().map((file) => {
      const xml = readFileSync(resolve(dir, file), 'utf8');
      const bare = xml.trimStart().startsWith('<record>');
      return {
        name: `${folder}/${file}`,
        xml: bare ? oaiAnswer(`<GetRecord>${xml}</GetRecord>`) : xml,
      };
    });
  });
}

/**
 * Starts on a free port. Recorded answers are found by resumption token (the generic ones name the next file), by
 * identifier, and by set with format.
 */
export async function startOaiServer(options: OaiServerOptions = {}): Promise<OaiServer> {
  const { dataDir = null, fallback = () => oaiError('noRecordsMatch') } = options;
  const recorded = readOaiRecordings(dataDir);
  const requests: URLSearchParams[] = [];
  const next: (string | OaiFailure)[] = [];

  const server = createServer((request, response) => {
    const params = new URL(request.url ?? '/', 'http://localhost').searchParams;
    requests.push(params);
    const planned = next.shift();
    if (typeof planned === 'object') return fail(response, planned);
    const xml = planned ?? recorded.find((answer) => answers(answer, params))?.xml ?? fallback(params);
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8', 'content-encoding': 'gzip' });
    response.end(gzipSync(xml));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/oai2`,
    requests,
    answerNext: (xml) => void next.push(xml),
    failNext: (failure, times = 1) => void next.push(...Array.from({ length: times }, () => failure)),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function answers({ name, xml }: RecordedAnswer, params: URLSearchParams): boolean {
  const token = params.get('resumptionToken');
  if (token !== null) return name === `oai_pmh_generic/${token}`;
  const verb = params.get('verb') ?? '';
  if (!xml.includes(`<${verb}>`)) return false;
  const identifier = params.get('identifier');
  if (identifier !== null) return xml.includes(`<identifier>${identifier}</identifier>`);
  const asked = /<request ([^>]*)>/.exec(xml)?.[1] ?? '';
  return ['set', 'metadataPrefix'].every((key) => asked.includes(`${key}="${params.get(key)}"`));
}

function fail(response: ServerResponse, failure: OaiFailure): void {
  switch (failure.kind) {
    case 'status': {
      const headers = failure.retryAfter === undefined ? {} : { 'retry-after': failure.retryAfter };
      response.writeHead(failure.status, { 'content-type': 'text/xml', ...headers });
      response.end(failure.body ?? 'not now');
      return;
    }
    case 'cut':
      response.destroy();
      return;
    case 'half':
      response.writeHead(200, {
        'content-type': 'text/xml',
        'content-length': Buffer.byteLength(failure.body),
      });
      response.write(failure.body.slice(0, failure.body.length / 2), () => response.destroy());
  }
}
