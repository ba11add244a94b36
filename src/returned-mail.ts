/** Use case: a mail came to one of the addresses that our mails carry. It is a report on a delivery, or someone who leaves. */
import type { Context } from './context.ts';
import { type Bounce, classifyBounce } from './deliveries/bounce.ts';
import { type BounceOutcome, recordBounce } from './deliveries/record-bounce.ts';
import { findReturnAddressIn, type ReturnAddress, readReturnAddress } from './mail/return-address.ts';
import { type ReturnListener, startReturnListener } from './mail/return-listener.ts';
import { unsubscribeByMail } from './subscribers/unsubscribe.ts';

export type ReturnedMailOutcome =
  | (BounceOutcome & { bounce: Bounce; deliveryId: number })
  | { result: 'unsubscribed' }
  /** Nothing in it is ours, or nobody is left whom it could speak of. */
  | { result: 'not_ours' };

/** `to` is whom the envelope named; where it is not known any more, the message itself must carry one of our addresses. */
export async function takeReturnedMail(
  ctx: Context,
  raw: Uint8Array,
  to: ReturnAddress | null = findReturnAddressIn(ctx.links, ctx.config.mail.bounceDomain, raw),
): Promise<ReturnedMailOutcome> {
  if (!to) return { result: 'not_ours' };
  switch (to.purpose) {
    case 'bounce': {
      const bounce = classifyBounce(raw);
      return { ...(await recordBounce(ctx, to.deliveryId, bounce)), bounce, deliveryId: to.deliveryId };
    }
    case 'unsubscribe':
      return { result: await unsubscribeByMail(ctx, to.subscriberId) };
  }
}

/** The built-in mail server, where BOUNCE_PORT asks for one. */
export async function listenForReturnedMail(
  ctx: Context,
  port: number | null = ctx.config.mail.bouncePort,
): Promise<ReturnListener | null> {
  if (port === null) return null;
  return startReturnListener({
    port,
    host: ctx.config.http.host,
    tls: ctx.config.mail.bounceTls,
    log: ctx.log,
    open: (address) => readReturnAddress(ctx.links, ctx.config.mail.bounceDomain, address),
    take: (raw, to) => takeReturnedMail(ctx, raw, to),
  });
}
