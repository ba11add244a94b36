/** The text of a report that people read: where it ends and the returned mail begins, and the answers of servers in it. Pure. */
import type { MimeMessage } from './bounce-mime.ts';
import { findAnswer } from './bounce-report.ts';

/** The text in front of the message that is sent back. */
export function explanationOf(message: MimeMessage): string {
  const texts = message.parts.filter(
    ({ type, nested }) => !nested && type.startsWith('text/') && type !== 'text/rfc822-headers',
  );
  const plain = texts.filter(({ type }) => type !== 'text/html' && type !== 'text/calendar');
  const text = (plain.some(({ text: words }) => words.trim()) ? plain : texts)
    .map((part) => (part.type === 'text/html' ? withoutTags(part.text) : part.text))
    .join('\n')
    .slice(0, 20_000);
  const quoted = text.replace(/^(?:> )+/gm, '');
  const cut =
    /^[ \t>*-]*(?:-{2,}.{0,30})?(?:original (?:message|mail)|(?:this is |below (?:this line )?is )?a copy of (?:the|your) (?:original )?(?:message|mail)|unsent message|returned message|message headers? follow|the header of the original|original message follows|undelivered message)\b|^(?:Received|Return-Path|DKIM-Signature|X-Received)[ \t]*:/im.exec(
      quoted,
    );
  // A message that begins with what it returns has its explanation further down, if at all.
  return cut && cut.index > 40 ? quoted.slice(0, cut.index) : quoted.slice(0, 8000);
}

/** Linear in the length of the text, whatever stands in it. */
function withoutTags(html: string): string {
  const shown = html
    .split(/<(?=(?:style|script|head)\b)/i)
    .map((piece, at) => (at === 0 ? piece : piece.slice(endOfHidden(piece))))
    .join(' ');
  return shown
    .replace(/<(?:br|p|div|tr|li|h\d)\b[^<>]{0,300}>/gi, '\n')
    .replace(/<[^<>]{0,300}>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function endOfHidden(piece: string): number {
  return Math.max(0, piece.search(/<\/(?:style|script|head)>/i));
}

/** What servers answered: from a reply code on, with the lines that go on with it, to the next recipient or answer. */
export function answersIn(prose: string): string[] {
  const answers: string[] = [];
  let open = 0;
  for (const line of prose.split('\n')) {
    const at = findAnswer(line);
    if (at >= 0) {
      // Further lines of the same answer repeat its code with a dash in front.
      const goesOn = open > 0 && at < 3 && answers.at(-1)?.slice(0, 4) === `${line.slice(at, at + 3)}-`;
      if (goesOn) answers.push(`${answers.pop()}\n${line.slice(at)}`);
      else answers.push(line.slice(at));
      open = 4;
    } else if (open > 0 && line.trim() !== '' && !/^[ \t]*[<>-]|@\S+:?[ \t]*$/.test(line)) {
      answers.push(`${answers.pop()}\n${line}`);
      open -= 1;
    } else {
      open = 0;
    }
    if (answers.length > 20) break;
  }
  return answers;
}

/** Where a report has no answer of the server, its text for people has one, near the address. */
export function aboutRecipient(prose: string, recipient: string | null): string {
  const at = recipient ? prose.toLowerCase().indexOf(recipient.toLowerCase()) : -1;
  if (at < 0) return prose.slice(0, 2500);
  const rest = prose.slice(at + (recipient?.length ?? 0), at + 800);
  const next = /\n[ \t]*<?[^\s<>@]{1,64}@[^\s<>@]{1,255}>?:?(?=\s|$)/.exec(rest);
  return next ? rest.slice(0, next.index) : rest;
}
