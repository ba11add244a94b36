/**
 * A message taken apart as far as bounces need it. A walk of its own: reports come cut off, with wrong boundaries and
 * broken headers, and what can be read of them must be read. Pure, never throws, and takes time in proportion to
 * `MAX_OCTETS` at most.
 */

/** What a report says comes before the message that it returns; the rest may be of any size. */
const MAX_OCTETS = 1_000_000;
const MAX_PARTS = 60;
const MAX_DEPTH = 6;
/** No explanation of a mail server is longer. */
const MAX_TEXT = 40_000;

export interface MimePart {
  /** In lower case, `text/plain` where nothing says otherwise. */
  type: string;
  /** Decoded; lines end with LF. */
  text: string;
  /** True inside of a message that this one carries. */
  nested: boolean;
}

export interface MimeMessage {
  /** The first header field of this name (in lower case), decoded and on one line; empty where there is none. */
  header(name: string): string;
  contentType: string;
  /** The leaves, in order; a report inside of the message is a leaf, and its own leaves follow. */
  parts: MimePart[];
}

type Fields = Map<string, string>;

/** Reads raw octets as they came. */
export function readMime(raw: Uint8Array): MimeMessage {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_OCTETS));
  // A mailbox file's own line in front is no header.
  const source = octets
    .toString('latin1')
    .replace(/\r\n?/g, '\n')
    .replace(/^\n*From [^\n]*\n/, '');
  const { fields, body } = splitHead(source);
  const parts: MimePart[] = [];
  walk(fields, body, { depth: 0, nested: false }, parts);
  return {
    header: (name) => decodeWords(fields.get(name) ?? ''),
    contentType: (fields.get('content-type') ?? '').toLowerCase(),
    parts,
  };
}

/** Fields `Name: value` of a header block or of a report, folded lines joined; the first of a name counts. */
export function readFields(block: string): Fields {
  const fields: Fields = new Map();
  let name = '';
  for (const line of block.split('\n')) {
    const start = /^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:(.*)$/.exec(line);
    if (start) {
      name = (start[1] ?? '').toLowerCase();
      if (fields.has(name)) name = '';
      else fields.set(name, (start[2] ?? '').trim());
    } else if (name && /^[ \t]/.test(line)) {
      fields.set(name, `${fields.get(name)} ${line.trim()}`);
    }
  }
  return fields;
}

function splitHead(source: string): { fields: Fields; body: string } {
  const text = source.replace(/^\n+/, '');
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  return { fields: readFields(head.slice(0, 100_000)), body: end < 0 ? '' : text.slice(end + 2) };
}

function walk(
  fields: Fields,
  body: string,
  { depth, nested }: { depth: number; nested: boolean },
  parts: MimePart[],
): void {
  if (parts.length >= MAX_PARTS) return;
  const contentType = fields.get('content-type') ?? 'text/plain';
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0].toLowerCase() ?? 'text/plain';
  const boundary = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (type.startsWith('multipart/') && mark && depth < MAX_DEPTH) {
    const pieces = splitAt(body, `--${mark}`);
    for (const piece of pieces) {
      // A part may begin with its text, after an empty line and without a header.
      const { fields: inner, body: text } = piece.startsWith('\n')
        ? { fields: new Map<string, string>(), body: piece }
        : splitHead(piece);
      walk(inner, text, { depth: depth + 1, nested }, parts);
    }
    if (pieces.length > 0) return;
  }
  parts.push({
    type: type.startsWith('multipart/') ? 'text/plain' : type,
    text: decodeBody(fields, contentType, body),
    nested,
  });
  if (type !== 'message/rfc822' || depth >= MAX_DEPTH) return;
  // Some gateways wrap the report that they got.
  const inner = splitHead(body);
  if (/^multipart\/report/i.test(inner.fields.get('content-type') ?? '')) {
    walk(inner.fields, inner.body, { depth: depth + 1, nested: true }, parts);
  }
}

/** The parts between lines that begin with `mark`, without what stands in front of the first. */
function splitAt(body: string, mark: string): string[] {
  const pieces: string[] = [];
  let start = -1;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== '\n') continue;
    if (start >= 0) pieces.push(body.slice(start, at));
    if (pieces.length >= MAX_PARTS) return pieces;
    if (body.startsWith('--', at + mark.length)) return pieces;
    const lineEnd = body.indexOf('\n', at);
    start = lineEnd < 0 ? body.length : lineEnd + 1;
  }
  if (start >= 0) pieces.push(body.slice(start));
  return pieces;
}

function decodeBody(fields: Fields, contentType: string, body: string): string {
  const encoding = (fields.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  const charset = /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8';
  // Four octets of base64 are three of text, and of text one character may take three.
  const cut = body.slice(0, MAX_TEXT * 4);
  return decodeText(toOctets(cut, encoding), charset).replace(/\r\n?/g, '\n').slice(0, MAX_TEXT);
}

function toOctets(text: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(text, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(text, 'latin1');
  return Buffer.from(
    text
      .replace(/=[ \t]*\n/g, '')
      .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function decodeText(octets: Buffer, charset: string): string {
  try {
    // Servers of Japan write ISO-2022-JP and often don't say so; its escapes are nothing in any other charset.
    const label = octets.includes('\x1b$B') ? 'iso-2022-jp' : charset;
    return new TextDecoder(label).decode(octets);
  } catch {
    return octets.toString('latin1');
  }
}

/** Encoded words of RFC 2047. */
function decodeWords(value: string): string {
  return value
    .slice(0, 2000)
    .replace(/(\?=)[ \t]+(=\?)/g, '$1$2')
    .replace(
      /=\?([\w-]{1,40})\?([BbQq])\?([^?\s]{0,500})\?=/g,
      (_, charset: string, how: string, text: string) =>
        decodeText(
          how.toLowerCase() === 'b'
            ? Buffer.from(text, 'base64')
            : toOctets(text.replaceAll('_', ' '), 'quoted-printable'),
          charset,
        ),
    );
}
