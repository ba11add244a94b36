/** `v=DKIM1; k=rsa; p=…`: the form of DKIM and DMARC records (RFC 6376 3.2). Pure. */

/** Names in lower case, values without the white space around them. Of a name given twice, the first counts. */
export function parseTagList(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim().toLowerCase();
    if (at > 0 && !tags.has(name)) tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}
