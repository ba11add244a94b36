/** Tells the operator that sending has stopped, by mail and by webhook where they are set. */
import type { Context } from '../context.ts';
import { takeTurn } from '../db/settings.repo.ts';
import { AppError, describeFault } from '../errors.ts';
import type { MailMessage } from '../mail/message.ts';
import { within } from '../within.ts';

/** Whoever reported a bounce waits for this. */
const PATIENCE_MS = 5000;
const MAIL_EVERY_MS = 3600_000;
/** No delivery has this id, so whatever comes back of the mail changes nothing. */
const NO_ID = 0;

interface Notice {
  at: Date;
  reason: string;
  detail: string;
}

/** Never throws: what could not be told is a line of the log. At most one mail an hour. Takes 5 s at most. */
export async function tellOperator(ctx: Context, notice: Notice): Promise<void> {
  const { email, webhook } = ctx.config.operator;
  const attempt = (way: string, work: Promise<unknown>) =>
    within(PATIENCE_MS, work).catch((error: unknown) =>
      ctx.log.warn({ event: 'operator.not_told', way, error: describeFault(error) }),
    );
  await Promise.all([
    email ? attempt('mail', sendNotice(ctx, email, notice)) : null,
    webhook ? attempt('webhook', postNotice(ctx, webhook, notice)) : null,
  ]);
}

async function sendNotice(ctx: Context, to: string, notice: Notice): Promise<void> {
  if (!(await takeTurn(ctx.db, 'operator_mailed_at', ctx.now(), MAIL_EVERY_MS))) return;
  await ctx.mailer
    .send(writeNotice(ctx, to, notice))
    .catch((error: { responseCode?: number; code?: string }) => {
      // What a server says may name the address.
      throw new AppError('NOTICE_NOT_SENT', `not taken (${error.responseCode ?? error.code ?? 'no answer'})`);
    });
}

function writeNotice(ctx: Context, to: string, { at, detail }: Notice): MailMessage {
  const { from, bounceDomain } = ctx.config.mail;
  const proof = ctx.links.proof('bounce', NO_ID);
  const paragraphs = [
    `Paperboy at ${ctx.config.publicUrl} has paused its digests.`,
    detail,
    'Digests are still composed, and wait; mails to confirm still go out. Find the cause, then let them go: paperboy sending resume.',
  ];
  return {
    envelope: { from: `bounce+${NO_ID}.${proof}@${bounceDomain}`, to },
    from: { name: from.name, address: from.address },
    to,
    subject: 'Paperboy has paused sending',
    messageId: `<paused.${at.getTime()}.${ctx.links.proof('message', NO_ID)}@${from.domain}>`,
    date: at,
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: `${paragraphs.join('\n\n')}\n`,
    // Nothing in it comes from a stranger.
    html: paragraphs.map((words) => `<p>${words}</p>\n`).join(''),
  };
}

async function postNotice(ctx: Context, url: string, { at, reason, detail }: Notice): Promise<void> {
  const answer = await ctx.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'sending.paused', reason, detail, at: at.toISOString() }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new AppError('NOTICE_NOT_SENT', `answered ${answer.status}`);
}
