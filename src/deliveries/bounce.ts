/**
 * Reads what comes back after a mail was sent: is it a bounce, a complaint, an automatic reply, a note that it arrived,
 * or nothing of ours? Pure, and never throws: what arrives was written by anyone. By RFC 3464, 5965, 3463 and 3834,
 * and by the phrases of servers that keep to none of them.
 */
import { type MimeMessage, readFields, readMime } from './bounce-mime.ts';
import { aboutRecipient, answersIn, explanationOf } from './bounce-prose.ts';
import { judgeRefusal } from './bounce-reasons.ts';
import {
  findReplyCode,
  findStage,
  findStatus,
  type RecipientReport,
  readDeliveryStatus,
  readSesNotice,
} from './bounce-report.ts';
import { isAutoReply, isFromMailSystem, tellsOfFailure } from './bounce-signs.ts';

export interface Bounce {
  kind: 'bounce' | 'complaint' | 'autoreply' | 'delivered' | 'unrelated';
  /** A bounce of an address that is gone for good. */
  hard: boolean;
  /** Enhanced status code (RFC 3463), where a server gave one. */
  status: string | null;
  /** One word: `userunknown`, `mailboxfull`, `expired`, …; of a complaint, its type: `abuse`, `auth-failure`, … */
  reason: string;
  /** Whom the report speaks of. Not proven by anything: only the address that it came to is. */
  recipient: string | null;
}

const NOTHING = { hard: false, status: null, recipient: null };

/** `raw` is the whole message. */
export function classifyBounce(raw: Uint8Array): Bounce {
  const message = readMime(raw);
  const complaint = readComplaint(message);
  if (complaint) return complaint;
  const prose = explanationOf(message);
  const ses = readSesNotice(prose);
  if (ses && ses.kind !== 'bounce') {
    const recipient = ses.reports[0]?.recipient ?? null;
    return {
      ...NOTHING,
      kind: ses.kind,
      reason: ses.kind === 'complaint' ? ses.feedbackType : 'delivered',
      recipient,
    };
  }
  const reports = ses?.reports ?? reportsOf(message, prose);
  const [first] = reports;
  if (first && reports.every(({ action }) => action === 'delivered')) {
    return {
      ...NOTHING,
      kind: 'delivered',
      status: first.status,
      reason: 'delivered',
      recipient: first.recipient,
    };
  }
  if (reports.some(({ action }) => action !== 'delivered')) return judgeReports(reports, prose);
  if (/disposition-notification/.test(message.contentType))
    return { ...NOTHING, kind: 'unrelated', reason: 'receipt' };
  if (!isFromMailSystem(message) && isAutoReply(message))
    return { ...NOTHING, kind: 'autoreply', reason: 'vacation' };
  return tellsOfFailure(message, prose)
    ? judgeProse(message, prose)
    : { ...NOTHING, kind: 'unrelated', reason: 'unrelated' };
}

/** RFC 5965; and what large providers sent before there was one. */
function readComplaint(message: MimeMessage): Bounce | null {
  const report = message.parts.find(({ type }) => type === 'message/feedback-report');
  const marked =
    report ?? message.parts.find(({ text }) => /^Feedback-Type[ \t]*:/im.test(text.slice(0, 3000)));
  const known = report !== undefined || /report-type="?feedback-report/.test(message.contentType);
  if (marked && (known || /abuse|complaint|feedback|fbl|dmarc/i.test(message.header('subject')))) {
    const at = marked.text.search(/^Feedback-Type/im);
    const fields = readFields(marked.text.slice(Math.max(0, report ? 0 : at)));
    const recipient = fields.get('original-rcpt-to') ?? fields.get('removal-recipient') ?? '';
    return {
      ...NOTHING,
      kind: 'complaint',
      reason: (fields.get('feedback-type') ?? 'abuse').toLowerCase().replace(/[^a-z-]/g, '') || 'abuse',
      recipient: findAddress(recipient),
    };
  }
  const old =
    /^complaint about message from|^(?:email )?(?:abuse|feedback|complaint) report\b/i.test(
      message.header('subject'),
    ) || message.header('x-hmxmroriginalrecipient') !== '';
  if (!known && !old) return null;
  return {
    ...NOTHING,
    kind: 'complaint',
    reason: 'abuse',
    recipient: findAddress(message.header('x-hmxmroriginalrecipient')),
  };
}

function reportsOf(message: MimeMessage, prose: string): RecipientReport[] {
  const parts = message.parts.filter(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type));
  const read = (nested: boolean) =>
    parts.filter((part) => part.nested === nested).flatMap(({ text }) => readDeliveryStatus(text));
  const reports = read(false);
  // Reports whose frame is broken, and some that never had one, carry the same lines as text.
  if (reports.length === 0 && /^[ \t]*(?:Final|Original)-Recipient[ \t]*:/im.test(prose)) {
    return readDeliveryStatus(prose.replace(/^[ \t]+(?=[A-Z][\w-]+:)/gm, ''));
  }
  return reports.length > 0 ? reports : read(true);
}

function judgeReports(reports: readonly RecipientReport[], prose: string): Bounce {
  const stage = findStage(prose);
  const judged = reports
    .filter(({ action }) => action !== 'delivered')
    .map((report) => {
      const { recipient, action, diagnostic } = report;
      // The answer itself knows better than the server that reports it.
      const text = diagnostic.length > 3 ? diagnostic : aboutRecipient(prose, recipient);
      const told = findStatus(diagnostic);
      const general = told === null || /\.0\.0$/.test(told);
      const status = (general ? (report.status ?? told) : told) ?? findStatus(text);
      const code = findReplyCode(diagnostic);
      const verdict = judgeRefusal({ text, status, code, stage: findStage(text) ?? stage });
      const unclear = verdict.reason === 'onhold' && action === 'delayed';
      return {
        recipient,
        status,
        reason: unclear ? 'expired' : verdict.reason,
        hard: verdict.hard && action !== 'delayed',
      };
    });
  const { recipient, status, reason, hard } = worstOf(judged);
  return { kind: 'bounce', hard, status, reason, recipient };
}

function judgeProse(message: MimeMessage, prose: string): Bounce {
  const delayed = /delay|warning|still being retried|not yet been delivered/i.test(
    `${message.header('subject')} ${prose.slice(0, 1500)}`,
  );
  const stage = findStage(prose);
  const answers = answersIn(prose);
  const judged = [...answers, prose].map((text) => {
    const status = findStatus(text);
    const code = findReplyCode(text);
    const verdict = judgeRefusal({ text, status, code, stage: findStage(text) ?? stage });
    return { recipient: null, status, ...verdict, hard: verdict.hard && !delayed };
  });
  const spoken = judged.slice(0, -1).filter(({ reason }) => reason !== 'onhold');
  const { status, reason, hard } = worstOf(spoken.length > 0 ? spoken : judged.slice(-1));
  const recipient = findAddress(message.header('x-failed-recipients')) ?? findAddress(prose);
  return {
    kind: 'bounce',
    hard,
    status: status ?? findStatus(prose),
    reason: reason === 'onhold' && delayed ? 'expired' : reason,
    recipient,
  };
}

/** One gone address in a report is what matters of it. */
function worstOf<T extends { hard: boolean; reason: string }>(judged: readonly T[]): T {
  const worst =
    judged.find(({ hard }) => hard) ?? judged.find(({ reason }) => reason !== 'onhold') ?? judged[0];
  if (!worst) throw new Error('nothing was judged');
  return worst;
}

function findAddress(text: string): string | null {
  return /[^\s<>;,"'(){}[\]:]{1,64}@[^\s<>;,"'(){}[\]:]{1,255}/.exec(text)?.[0] ?? null;
}
