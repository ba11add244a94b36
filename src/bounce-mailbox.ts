/** Use case: looks into the mailbox that bounces come to (BOUNCE_IMAP_URL), one process at a time, and does what follows. */
import type { Context } from './context.ts';
import { pingDatabase } from './db/client.ts';
import { AppError, describeFault } from './errors.ts';
import { readUnseen } from './mail/imap-mailbox.ts';
import {
  claimSource,
  findSourceState,
  recordPage,
  recordRunEnd,
  type SourceClaim,
  type SourceState,
} from './papers/sources.repo.ts';
import { takeReturnedMail } from './returned-mail.ts';

/** It is read as sources are, with the same lease and the same note of how it went; no source can have this name. */
const NAME = 'mailbox:bounces';
/** The next round comes within a minute; the lease is longer. */
const ROUND_MS = 50_000;

interface MailboxRound {
  /** Of this installation's mails, or someone who leaves. */
  understood: number;
  notOurs: number;
  /** Marked as seen too, so that they are in nobody's way. */
  unreadable: number;
}

export type MailboxOutcome =
  | ({ result: 'read' } & MailboxRound)
  /** There is none, or another process is at it. */
  | { result: 'passed_over' }
  /** Told in the log where it is new, and in the metrics. */
  | { result: 'failed'; code: string };

/** Throws where the database fails; what was not recorded is left unseen. `ending` leaves the rest for the next round. */
export async function readBounceMailbox(ctx: Context, ending?: AbortSignal): Promise<MailboxOutcome> {
  const mailbox = ctx.config.mail.bounceMailbox;
  const claim = mailbox && (await claimSource(ctx.db, NAME, ctx.now()));
  if (!mailbox || !claim) return { result: 'passed_over' };
  const round: MailboxRound = { understood: 0, notOurs: 0, unreadable: 0 };
  const signal = AbortSignal.any([AbortSignal.timeout(ROUND_MS), ...(ending ? [ending] : [])]);
  const fault: unknown = await readUnseen(mailbox, {
    signal,
    take: (raw) => takeOne(ctx, raw, round),
  }).catch((error) => error);
  const seen = round.understood + round.notOurs + round.unreadable;
  if (seen > 0) ctx.log.info({ event: 'mailbox.read', ...round });
  const counts = { seen, inserted: 0, updated: 0, merged: 0, skipped: round.unreadable };
  await recordPage(ctx.db, claim, counts, { cursor: undefined, skippedReasons: {} });
  if (fault instanceof AppError) {
    await recordFailure(ctx, claim, fault);
    return { result: 'failed', code: fault.code };
  }
  await recordRunEnd(ctx.db, claim, ctx.now(), fault ? { kind: 'cut_off', resume: false } : { kind: 'ok' });
  if (fault) throw fault;
  return { result: 'read', ...round };
}

/** Whether it was understood. */
async function takeOne(ctx: Context, raw: Uint8Array, round: MailboxRound): Promise<boolean> {
  try {
    const { result } = await takeReturnedMail(ctx, raw);
    if (result === 'not_ours') round.notOurs += 1;
    else round.understood += 1;
    return result !== 'not_ours';
  } catch (error) {
    // With a database that is away, the message is left for the next round; else it is the message that can't be read.
    await pingDatabase(ctx.db);
    round.unreadable += 1;
    ctx.log.warn({ event: 'mailbox.unreadable', error: describeFault(error) });
    return false;
  }
}

/** It is tried every minute: one line when it begins is enough. */
async function recordFailure(ctx: Context, claim: SourceClaim, { code, message }: AppError): Promise<void> {
  const isNew = !(await findSourceState(ctx.db, NAME))?.failingSince;
  ctx.log[isNew ? 'warn' : 'debug']({ event: 'mailbox.failed', code, error: message });
  await recordRunEnd(ctx.db, claim, ctx.now(), { kind: 'failed', error: message });
}

/** How it went, for metrics. Null where there is no mailbox, or none was read yet. */
export async function findMailboxStanding(ctx: Context): Promise<SourceState | null> {
  return ctx.config.mail.bounceMailbox ? findSourceState(ctx.db, NAME) : null;
}
