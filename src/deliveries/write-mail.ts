/** From a claimed delivery to the message that its subscriber gets. Pure. */
import type { Context } from '../context.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { buildMessage, type MailMessage } from '../mail/message.ts';
import { frequencySentence } from '../mail/words.ts';
import type { ClaimedDelivery } from './deliveries.repo.ts';
import type { DigestContent } from './digest-content.repo.ts';

/** How long the owner of an address has to confirm. */
export const CONFIRM_DAYS = 7;

/** Throws where a digest's content is missing, which a foreign key forbids. */
export function writeMail(
  ctx: Pick<Context, 'config' | 'links' | 'templates'>,
  delivery: ClaimedDelivery,
  content: DigestContent | null,
  now: Date,
): MailMessage {
  const { subscriber } = delivery;
  const sender = { ...ctx.config.mail, publicUrl: ctx.config.publicUrl };
  const link = (purpose: 'confirm' | 'preferences' | 'unsubscribe', expiresAt: Date | null = null) =>
    ctx.links.url({ purpose, id: subscriber.id, version: subscriber.tokenVersion }, expiresAt);
  const common = {
    siteUrl: `${ctx.config.publicUrl}/`,
    sender: { name: sender.from.name || 'Paperboy', postalAddress: sender.postalAddress },
  };
  return buildMessage(
    sender,
    ctx.links,
    {
      id: delivery.id,
      kind: delivery.kind,
      to: subscriber.email,
      subscriberId: subscriber.id,
      unsubscribeUrl: link('unsubscribe'),
    },
    fill(),
    now,
  );

  function fill() {
    switch (delivery.kind) {
      case 'digest': {
        if (!content) throw new Error(`delivery ${delivery.id} has no digest`);
        const view = buildDigestView({ subscriber, digest: content }, { links: ctx.links, sender });
        return { subject: view.subject, ...ctx.templates.digest(view) };
      }
      case 'confirm':
        return {
          subject: 'Confirm your subscription to Paperboy',
          ...ctx.templates.confirm({
            ...common,
            confirmUrl: link('confirm', new Date(now.getTime() + CONFIRM_DAYS * 24 * 3600_000)),
            topics: [...subscriber.topicNames, ...subscriber.keywords],
            frequencySentence: frequencySentence(subscriber),
            expiresIn: `${CONFIRM_DAYS} days`,
          }),
        };
      case 'already_subscribed':
        return {
          subject: 'You already get Paperboy',
          ...ctx.templates.alreadySubscribed({
            ...common,
            preferencesUrl: link('preferences'),
            unsubscribeUrl: link('unsubscribe'),
          }),
        };
    }
  }
}
