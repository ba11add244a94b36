/** Use case: a provider told what came of our mails. Each event counts as a mail that came back would. */
import type { Context } from '../../context.ts';
import { findDeliveryIn } from '../../mail/return-address.ts';
import { recordBounce } from '../record-bounce.ts';
import type { Provider, ProviderEvent } from './provider-event.ts';

export interface RecordedEvents {
  /** Those that something follows from. */
  recorded: number;
  /** Those that ask for nothing, name no mail of ours, or were recorded before. */
  ignored: number;
}

/**
 * The provider has proven itself, but which mail it speaks of must be proven by what that mail carried. The events that
 * were recorded before one fails stay so, and the others are recorded when the provider tries again.
 */
export async function recordEvents(
  ctx: Context,
  provider: Provider,
  events: readonly (ProviderEvent | null)[],
): Promise<RecordedEvents> {
  let recorded = 0;
  let unnamed = 0;
  for (const event of events) {
    if (!event) continue;
    const deliveryId = findDeliveryIn(ctx.links, ctx.config.mail.bounceDomain, event.names.join('\n'));
    if (deliveryId === null) unnamed += 1;
    else if ((await recordBounce(ctx, deliveryId, event.report)).result !== 'ignored') recorded += 1;
  }
  const ignored = events.length - recorded;
  ctx.log.info({ event: 'webhook.taken', provider, recorded, ignored, unnamed });
  return { recorded, ignored };
}
