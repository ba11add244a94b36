/** The machine-readable parts of what comes back: delivery reports (RFC 3464) and notices of Amazon SES. Pure. */
import { readFields } from './bounce-mime.ts';
import type { SmtpStage } from './bounce-reasons.ts';

/** What a report says of one recipient. */
export interface RecipientReport {
  recipient: string | null;
  action: 'failed' | 'delayed' | 'delivered' | 'none';
  status: string | null;
  /** The server's answer and the comments of the fields. */
  diagnostic: string;
}

/** At most this many recipients are read; our own mails have one. */
const MAX_RECIPIENTS = 50;

/** The recipients of a delivery report; also where its blocks stand in plain text. */
export function readDeliveryStatus(text: string): RecipientReport[] {
  const reports: RecipientReport[] = [];
  for (const block of text.split(/\n[ \t]*\n/)) {
    const fields = readFields(block);
    const recipient = fields.get('final-recipient') ?? fields.get('original-recipient');
    const status = fields.get('status') ?? '';
    const diagnostic = fields.get('diagnostic-code') ?? '';
    const action = fields.get('action') ?? '';
    if (!action && !status && !diagnostic) continue;
    if (!recipient && !(action && status) && !diagnostic) continue;
    reports.push({
      recipient: readRecipient(recipient),
      action: readAction(action, status),
      status: findStatus(status),
      diagnostic: diagnostic.replace(/^[\w-]{1,40}\s*;\s*/, '') || comment(status),
    });
    if (reports.length >= MAX_RECIPIENTS) break;
  }
  return reports;
}

/** The first enhanced status code (RFC 3463) in a text that is no part of an IP address or a version. */
export function findStatus(text: string): string | null {
  return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/.exec(text)?.[0] ?? null;
}

/** The first SMTP reply code that speaks of a failure. */
export function findReplyCode(text: string): number | null {
  const code = /(?:(?<![\w.:/\-[])|(?<=error_code :))[45][0-5]\d(?=[\s:;,-]|$)/i.exec(text)?.[0];
  return code ? Number(code) : null;
}

/** Where an answer of a server begins in a line; -1 where there is none. */
export function findAnswer(line: string): number {
  return line.slice(0, 2000).search(/(?<![\w.:/\-[])[45][0-5]\d[ :-]\s?\S/);
}

/** Which command the server refused, as far as MTAs tell. */
export function findStage(text: string): SmtpStage {
  const told =
    /in reply to (?:the )?(?:end of )?(\w+)|\bafter (?:end of |pipelined |sending )?(data|rcpt|mail|helo|ehlo|connect)|did not like our (?:final )?(\w+)|\[(rcpt_to|data|mail_from|connect)\]|smtp:(rcpt|data|mail)\b|following (\w+) command|smtp command (\w+)|(does not like recipient|rejected recipient)|(failed after i sent the message|smtp transmission failure)/i.exec(
      text,
    );
  if (told?.[8]) return 'rcpt';
  if (told?.[9]) return 'data';
  const [word] = (told ?? []).slice(1).filter((group) => group !== undefined);
  // A transcript of sendmail: the last command before the refusal.
  const command = word ?? />>> ([a-z]+)[^\n]*\n(?:[^\n]*\n){0,3}?[> \t]*<<< [45]\d\d/i.exec(text)?.[1];
  if (command) return toStage(command);
  return /recipient address rejected/i.test(text) ? 'rcpt' : null;
}

function toStage(command: string): SmtpStage {
  if (/^rcpt/i.test(command)) return 'rcpt';
  if (/^(data|bdat|end|dot|quit)/i.test(command)) return 'data';
  if (/^mail/i.test(command)) return 'mail';
  return /^(connect|helo|ehlo|banner|initial)/i.test(command) ? 'connect' : null;
}

function readRecipient(field: string | undefined): string | null {
  return /[^\s<>;,"]{1,64}@[^\s<>;,"]{1,255}/.exec(field ?? '')?.[0] ?? null;
}

function readAction(action: string, status: string): RecipientReport['action'] {
  const word = action.toLowerCase();
  if (word.startsWith('delayed')) return 'delayed';
  if (/^(delivered|relayed|expanded|deliverable)/.test(word)) return 'delivered';
  if (word.startsWith('fail') || /^[45]/.test(status.trim())) return 'failed';
  return status.trim().startsWith('2') ? 'delivered' : 'none';
}

function comment(status: string): string {
  return /\(([^()]{1,300})\)/.exec(status)?.[1] ?? '';
}

export type SesNotice =
  | { kind: 'bounce'; reports: RecipientReport[] }
  | { kind: 'complaint' | 'delivered'; reports: RecipientReport[]; feedbackType: string };

interface SesRecipient {
  emailAddress?: unknown;
  action?: unknown;
  status?: unknown;
  diagnosticCode?: unknown;
}

/** A notice of Amazon SES, as its topics mail it: JSON, alone or inside of an envelope. Null for anything else. */
export function readSesNotice(text: string): SesNotice | null {
  const start = text.indexOf('{');
  if (start < 0 || !/notificationType|eventType/.test(text)) return null;
  const end = text.indexOf('\n--', start);
  const json = text.slice(start, text.lastIndexOf('}', end < 0 ? undefined : end) + 1);
  const notice = parseObject(json) ?? parseObject(json.replace(/\n/g, ''));
  const inner = typeof notice?.Message === 'string' ? parseObject(notice.Message) : notice;
  switch (String(inner?.notificationType ?? inner?.eventType)) {
    case 'Bounce': {
      const bounce = asObject(inner?.bounce);
      return { kind: 'bounce', reports: recipientsOf(bounce?.bouncedRecipients, bounce?.bounceType) };
    }
    case 'Complaint': {
      const complaint = asObject(inner?.complaint);
      return {
        kind: 'complaint',
        reports: recipientsOf(complaint?.complainedRecipients, null),
        feedbackType: String(complaint?.complaintFeedbackType ?? 'abuse'),
      };
    }
    case 'Delivery':
      return { kind: 'delivered', reports: [], feedbackType: '' };
    default:
      return null;
  }
}

function recipientsOf(list: unknown, bounceType: unknown): RecipientReport[] {
  return (Array.isArray(list) ? list : []).slice(0, MAX_RECIPIENTS).map((entry: SesRecipient | null) => ({
    recipient: readRecipient(String(entry?.emailAddress ?? '')),
    action: readAction(String(entry?.action ?? 'failed'), ''),
    status: findStatus(String(entry?.status ?? '')) ?? (bounceType === 'Transient' ? '4.0.0' : null),
    diagnostic: String(entry?.diagnosticCode ?? '').replace(/^[\w-]{1,40}\s*;\s*/, ''),
  }));
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(json));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
