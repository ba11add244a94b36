/** One real mail to an address of the operator's: a digest of sample papers, by the way that all mails go. */
import type { Context } from '../context.ts';
import { buildMessage } from '../mail/message.ts';
import { sampleMails } from '../template-samples.ts';
import { type Finding, fault, ok } from './finding.ts';
import { reasonOf } from './reason.ts';

/** No delivery has this id, so whatever comes back of the mail changes nothing. */
const NO_ID = 0;

export async function sendTestMail(
  ctx: Pick<Context, 'config' | 'links' | 'mailer' | 'now' | 'templates'>,
  to: string,
): Promise<Finding> {
  const { mail, publicUrl } = ctx.config;
  const site = `${publicUrl}/`;
  const content = ctx.templates.digest({
    ...sampleMails.digest,
    papers: sampleMails.digest.papers.map((paper) => ({ ...paper, moreUrl: null, lessUrl: null })),
    links: { web: site, preferences: site, pause: site, unsubscribe: site },
    siteUrl: site,
    sender: { name: mail.from.name || 'Paperboy', postalAddress: mail.postalAddress },
  });
  const message = buildMessage(
    { ...mail, publicUrl },
    ctx.links,
    { id: NO_ID, kind: 'digest', to, subscriberId: NO_ID, unsubscribeUrl: site },
    { subject: 'Test of Paperboy: a digest of sample papers', ...content },
    ctx.now(),
  );
  try {
    const { answer } = await ctx.mailer.send(message);
    return ok('test mail', `taken, ${answer}`);
  } catch (error) {
    return fault(
      'test mail',
      `not taken: ${reasonOf(error)}`,
      'Mend what is said above of the mail server first.',
    );
  }
}
