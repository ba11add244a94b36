/** Reports as mail servers send them, made for tests: delivery reports, plain notices, complaints and automatic replies. */

interface ReportOptions {
  to?: string;
  recipient?: string;
  action?: string;
  status?: string;
  diagnostic?: string;
  prose?: string;
}

/** A delivery report in the form of RFC 3464. */
export function makeReport({
  to = 'bounce+1.0123456789abcdef@example.org',
  recipient = 'ada@example.net',
  action = 'failed',
  status = '5.1.1',
  diagnostic = 'smtp; 550 5.1.1 User unknown',
  prose = 'Your message could not be delivered.',
}: ReportOptions = {}): Buffer {
  return toMail([
    'Return-Path: <>',
    'From: Mail Delivery System <MAILER-DAEMON@mx.example.net>',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="line"',
    '',
    '--line',
    'Content-Type: text/plain; charset=utf-8',
    '',
    prose,
    '',
    '--line',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.net',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    ...(diagnostic ? [`Diagnostic-Code: ${diagnostic}`] : []),
    '',
    '--line',
    'Content-Type: message/rfc822',
    '',
    'From: digest@example.org',
    `To: ${recipient}`,
    'Subject: Seven papers for you',
    '',
    'A paper on spam filters and full mailboxes, user unknown.',
    '--line--',
    '',
  ]);
}

/** A feedback report in the form of RFC 5965. */
export function makeComplaint(feedbackType = 'abuse', to = 'bounce+1.0123456789abcdef@example.org'): Buffer {
  return toMail([
    'From: feedback@provider.example.net',
    `To: ${to}`,
    'Subject: FW: Seven papers for you',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="line"',
    '',
    '--line',
    'Content-Type: text/plain',
    '',
    'Somebody pressed a button.',
    '--line',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${feedbackType}`,
    'User-Agent: Provider/1.0',
    'Version: 1',
    'Original-Rcpt-To: ada@example.net',
    '',
    '--line',
    'Content-Type: message/rfc822',
    '',
    'From: digest@example.org',
    'Subject: Seven papers for you',
    '',
    'Papers.',
    '--line--',
    '',
  ]);
}

/** A message of text with these header lines. */
export function makeNotice(header: readonly string[], text: string): Buffer {
  return toMail([...header, 'Content-Type: text/plain; charset=utf-8', '', text]);
}

function toMail(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}
