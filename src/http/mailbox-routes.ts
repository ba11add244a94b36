/** The local mailbox on a page, for an installation without a mail server. Nobody but this machine may read it. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import type { LocalMailbox } from '../mail/local-mailbox.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { fromThisMachine } from './this-machine.ts';

interface MailRoute {
  Params: { id: string };
}

const hidden = { schema: { hide: true } };

export function registerMailbox(app: FastifyInstance, mailbox: LocalMailbox, site: PageSite): void {
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      if (!fromThisMachine(request)) {
        throw new AppError(
          'FORBIDDEN',
          'The local mailbox can only be opened on the machine that it is on. Set SMTP_URL to send real mail.',
        );
      }
    });

    scope.get('/mailbox', hidden, async (request, reply) => {
      const t = translatorOf(request);
      const mails = await mailbox.list();
      return site.send(reply, t, 'mailbox', {
        mails: mails.map((mail) => ({
          ...mail,
          received: timeWords(mail.receivedAt),
          url: `/mailbox/${mail.id}`,
        })),
      });
    });

    scope.get('/mailbox/messages.json', hidden, async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return { messages: await mailbox.list() };
    });

    scope.post('/mailbox/clear', { ...hidden, config: { accepts: 'form' } }, async (_request, reply) => {
      await mailbox.clear();
      return reply.redirect('/mailbox', 303);
    });

    scope.get<MailRoute>('/mailbox/:id', hidden, async (request, reply) => {
      const t = translatorOf(request);
      const mail = await getMail(mailbox, request.params.id);
      return site.send(reply, t, 'mailboxMail', {
        mail: { ...mail, received: timeWords(mail.receivedAt) },
        htmlUrl: mail.html === null ? null : `/mailbox/${mail.id}/html`,
        sourceUrl: `/mailbox/${mail.id}/source`,
      });
    });

    // The mail's own HTML, in a frame of the page above: no script runs in it, and its links open outside of the frame.
    scope.get<MailRoute>('/mailbox/:id/html', hidden, async ({ params }, reply) => {
      const { html } = await getMail(mailbox, params.id);
      reply
        .header(
          'content-security-policy',
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
        )
        .header('x-frame-options', 'SAMEORIGIN')
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8');
      // Without this, links would open inside of the frame.
      return (html ?? '').replace(/<head[^>]*>/i, '$&<base target="_top">');
    });

    scope.get<MailRoute>('/mailbox/:id/source', hidden, async ({ params }, reply) => {
      const { source } = await getMail(mailbox, params.id);
      return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(source);
    });
  });

  function timeWords(date: Date): string {
    return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
}

async function getMail(mailbox: LocalMailbox, id: string) {
  const mail = await mailbox.find(id);
  if (!mail) throw new AppError('NOT_FOUND', 'This mail is not in the mailbox any more.');
  return mail;
}
