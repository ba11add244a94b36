/** The text of a feed's HTML. It is for reading only and escaped wherever it is shown, so a missed tag is ugly, not dangerous. */

/** Longer than any abstract with its markup; the rest is not looked at. */
const MAX_HTML = 200_000;

/** Only what HTML (and JATS, of journals) calls a tag is one: `x<y and z>w` is what the authors wrote. */
const INLINE =
  'a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr|jats:(?:bold|italic|sub|sup|sc|underline|monospace)';
const BLOCK =
  'address|article|aside|audio|blockquote|br|button|caption|center|col|colgroup|dd|details|div|dl|dt|embed|fieldset|figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|body|img|input|label|li|link|main|meta|nav|ol|option|p|picture|pre|section|select|source|summary|table|tbody|td|tfoot|th|thead|tr|ul|video|jats:[a-z-]{1,20}';
const UNSEEN = 'script|style|iframe|noscript|object|svg|template|textarea|title';

/** Any attributes, with quoted `>` in them; bounded, so that quotes that never close cost little. */
const ATTRIBUTES = String.raw`(?:[\s/](?:[^<>"']|"[^"]{0,1000}"|'[^']{0,1000}'){0,300})?`;
/** Attributes with values only: one-letter tags are also variables. */
const VALUES = String.raw`(?:\s{1,20}[a-z][\w:-]{0,40}=(?:"[^"]{0,1000}"|'[^']{0,1000}'|[^\s<>"']{1,1000})){0,30}\s{0,20}/?`;
const INLINE_TAG = new RegExp(`</?(?:${INLINE})${VALUES}>`, 'gi');
const BLOCK_TAG = new RegExp(`</?(?:${BLOCK})${ATTRIBUTES}>`, 'gi');
const UNSEEN_TAG = new RegExp(`</?(?:${UNSEEN})${ATTRIBUTES}>`, 'gi');
const UNSEEN_START = new RegExp(`<(${UNSEEN})(?=[\\s/>])|<!--`, 'gi');
const RAISED = /<(sub|sup)>([\w+−-]{1,20})<\/\1>/gi;

/**
 * Tags and what no one sees (scripts, styles, comments) go, blocks become spaces, sub- and superscripts LaTeX that
 * `readableText` understands. Entities stay for `readableText` to decode, which must come after.
 */
export function htmlToText(html: string): string {
  const text = html.slice(0, MAX_HTML);
  if (!text.includes('<')) return text;
  return withoutUnseen(text)
    .replace(UNSEEN_TAG, ' ')
    .replace(
      RAISED,
      (_all, kind: string, inner: string) => `${kind.toLowerCase() === 'sub' ? '_' : '^'}{${inner}}`,
    )
    .replace(INLINE_TAG, '')
    .replace(BLOCK_TAG, ' ');
}

/** Cuts from each unseen element's start to its end; one that never ends stays, as only its tags are sure to be markup. */
function withoutUnseen(text: string): string {
  const lower = text.toLowerCase();
  /** Ends known not to come any more, so that a thousand unclosed starts are searched for once. */
  const missing = new Set<string>();
  let result = '';
  let from = 0;
  for (const match of text.matchAll(UNSEEN_START)) {
    if (match.index < from) continue;
    const end = match[1] ? `</${match[1].toLowerCase()}` : '-->';
    const at = missing.has(end) ? -1 : lower.indexOf(end, match.index + match[0].length);
    if (at < 0) {
      missing.add(end);
      continue;
    }
    const close = match[1] ? lower.indexOf('>', at) : at + 2;
    if (close < 0) continue;
    result += `${text.slice(from, match.index)} `;
    from = close + 1;
  }
  return result + text.slice(from);
}
