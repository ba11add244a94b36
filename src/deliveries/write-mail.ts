/** From a claimed delivery to the message that its subscriber gets. Pure. */
import type { Context } from '../context.ts';
import { buildDigestView } from '../mail/digest-view.ts';
import { addressVersion } from '../mail/links.ts';
import { buildMessage, type MailMessage } from '../mail/message.ts';
import { frequencySentence } from '../mail/words.ts';
import { translatorFor } from '../messages.ts';
import type { ClaimedDelivery } from './claims.repo.ts';
import type { DigestContent } from './digest-content.repo.ts';

/** How long the owner of an address has to confirm, or to agree to a move. */
export const CONFIRM_DAYS = 7;

/** What the mails of one job are written from, besides their subscribers. */
export interface MailParts {
  digests: ReadonlyMap<number, DigestContent>;
  /** By topic, in the order of the topics. */
  topicNames: ReadonlyMap<number, string>;
}

/** Throws where a digest's content is missing, which a foreign key forbids. */
export function writeMail(
  ctx: Pick<Context, 'config' | 'links' | 'templates'>,
  delivery: ClaimedDelivery,
  parts: MailParts,
  now: Date,
): MailMessage {
  const { topicIds } = delivery.subscriber;
  const topicNames: string[] = [];
  for (const [id, name] of parts.topicNames) if (topicIds.includes(id)) topicNames.push(name);
  const subscriber = { ...delivery.subscriber, topicNames };
  const { from, bounceDomain, postalAddress } = ctx.config.mail;
  const sender = { from, bounceDomain, postalAddress, publicUrl: ctx.config.publicUrl };
  const link = (purpose: 'confirm' | 'preferences' | 'unsubscribe', expiresAt: Date | null = null) =>
    ctx.links.url({ purpose, id: subscriber.id, version: subscriber.tokenVersion }, expiresAt);
  const confirmBy = new Date(now.getTime() + CONFIRM_DAYS * 24 * 3600_000);
  const t = translatorFor(subscriber.language);
  const common = {
    language: t.language,
    siteUrl: `${ctx.config.publicUrl}/`,
    sender: { name: sender.from.name || 'Paperboy', postalAddress: sender.postalAddress },
  };
  const message = buildMessage(
    sender,
    ctx.links,
    {
      id: delivery.id,
      kind: delivery.kind,
      to: subscriber.email,
      subscriberId: subscriber.id,
      // Whoever reads it may be a stranger to the subscriber.
      unsubscribeUrl: delivery.kind === 'new_address' ? null : link('unsubscribe'),
    },
    fill(),
    now,
  );
  return ctx.config.webhooks.postmarkPassword ? nameForPostmark(message) : message;

  function fill() {
    switch (delivery.kind) {
      case 'digest': {
        const content = parts.digests.get(delivery.digestId ?? 0);
        if (!content) throw new Error(`delivery ${delivery.id} has no digest`);
        const view = buildDigestView({ subscriber, digest: content }, { links: ctx.links, sender });
        return { subject: view.subject, ...ctx.templates.digest(view) };
      }
      case 'confirm':
        return {
          subject: t('confirmMail.subject'),
          ...ctx.templates.confirm({
            ...common,
            confirmUrl: link('confirm', confirmBy),
            topics: [...subscriber.topicNames, ...subscriber.keywords],
            frequencySentence: frequencySentence(subscriber, t),
            expiresIn: t('time.days', { n: CONFIRM_DAYS }),
          }),
        };
      case 'already_subscribed':
        return {
          subject: t('alreadySubscribed.title'),
          ...ctx.templates.alreadySubscribed({
            ...common,
            preferencesUrl: link('preferences'),
            unsubscribeUrl: link('unsubscribe'),
          }),
        };
      case 'new_address': {
        const { id, email, newEmailAt, tokenVersion } = subscriber;
        if (!newEmailAt) throw new Error(`delivery ${delivery.id} has no new address`);
        const version = addressVersion({ tokenVersion, newEmail: email, newEmailAt });
        return {
          subject: t('newAddress.title'),
          ...ctx.templates.newAddress({
            ...common,
            addressUrl: ctx.links.url({ purpose: 'address', id, version }, confirmBy),
            expiresIn: t('time.days', { n: CONFIRM_DAYS }),
          }),
        };
      }
    }
  }
}

/** Postmark replaces the Message-ID and the envelope sender, and gives this back with every event. It takes 80 characters. */
function nameForPostmark(message: MailMessage): MailMessage {
  const name = message.messageId.slice(1, -1).slice(0, 80);
  return { ...message, headers: { ...message.headers, 'X-PM-Metadata-delivery': name } };
}
