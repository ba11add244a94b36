/** A message as octets: its headers as they stand, and what Python's own parser makes of it. */
import { spawnSync } from 'node:child_process';

/** The header block, and its fields unfolded, in order, with names in lower case. */
export function readHead(raw: Buffer): { head: string; headers: [string, string][] } {
  const message = raw.toString('latin1');
  const head = message.slice(0, message.indexOf('\r\n\r\n') + 2);
  const fields = head.replace(/\r\n[ \t]+/g, ' ').matchAll(/^([!-9;-~]+): ?(.*)\r\n/gm);
  return { head, headers: [...fields].map(([, name = '', value = '']) => [name.toLowerCase(), value]) };
}

export const hasPython = spawnSync('python3', ['--version']).status === 0;

const SCRIPT = `
import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default.clone(raise_on_defect=True))
parts = list(message.walk())
defects = [d for p in parts for d in p.defects] + [d for p in parts for v in p.values() for d in getattr(v, "defects", [])]
print(json.dumps({
  "defects": [repr(d) for d in defects],
  "types": [p.get_content_type() for p in parts],
  "subject": message["subject"],
  "text": message.get_body(("plain",)).get_content(),
  "html": message.get_body(("html",)).get_content(),
}))`;

interface PythonMail {
  defects: string[];
  types: string[];
  subject: string;
  text: string;
  html: string;
}

/** Throws with Python's words where its strict policy finds a defect. Lines end with LF. */
export function parseWithPython(raw: Buffer): PythonMail {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', SCRIPT], { input: raw, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { text, html, ...mail }: PythonMail = JSON.parse(stdout);
  return { ...mail, text: text.replaceAll('\r\n', '\n'), html: html.replaceAll('\r\n', '\n') };
}
