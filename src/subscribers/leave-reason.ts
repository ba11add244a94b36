/** Why readers leave, where they like to say so. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { openLink } from './open-link.ts';
import { countLeft, type LeaveReason, type Subscriber, saveLeaveReason } from './subscribers.repo.ts';

const reasons = ['too_many', 'not_for_me', 'found_other', 'other'] as const satisfies readonly LeaveReason[];
const reasonSchema = z.enum(reasons);

export type LeaveReasonResult =
  | { result: 'saved' | 'none_chosen' | 'not_left'; subscriber: Subscriber }
  | { result: 'invalid' };

/** By the link to leave; the last reason counts. Only of someone who had agreed to mail and left. */
export async function giveLeaveReason(
  ctx: Context,
  token: string,
  reason: unknown,
): Promise<LeaveReasonResult> {
  const link = await openLink(ctx, token, 'unsubscribe');
  if (link.result !== 'valid' || !link.isCurrent || !link.subscriber.confirmedAt)
    return { result: 'invalid' };
  const { subscriber } = link;
  if (subscriber.status === 'pending') return { result: 'invalid' };
  if (subscriber.status === 'active') return { result: 'not_left', subscriber };
  const chosen = reasonSchema.safeParse(reason);
  if (!chosen.success) return { result: 'none_chosen', subscriber };
  const saved = await saveLeaveReason(ctx.db, subscriber.id, chosen.data);
  if (!saved) return { result: 'not_left', subscriber };
  ctx.log.info({ event: 'subscriber.reason_given', subscriberId: subscriber.id });
  return { result: 'saved', subscriber: { ...subscriber, leaveReason: chosen.data } };
}

/** How many have left and not come back, by reason; `none` did not say. */
export async function countLeaveReasons(ctx: Context): Promise<Record<LeaveReason | 'none', number>> {
  const counts = { too_many: 0, not_for_me: 0, found_other: 0, other: 0, none: 0 };
  for (const { reason, count } of await countLeft(ctx.db)) counts[reason ?? 'none'] = count;
  return counts;
}
