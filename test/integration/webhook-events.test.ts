/** What a provider says of a mail counts as what it means: an address that is gone, a complaint, a failure for now, or nothing. */
import { describe, expect, it } from 'vitest';
import { mailgunCall, postmarkCall, sendgridCall, sesBounce, snsCall } from '../support/provider-calls.ts';
import { complaint, hard, NOTHING, soft, useWebhookSite } from '../support/webhook-site.ts';

const { sent, mailgunEvent, now, post, postmarkEvent, sendgridEvent, stored } = useWebhookSite();

describe('what the provider makes of it', () => {
  it.each([
    [
      'SES, for now',
      () =>
        snsCall(
          sesBounce(
            { source: sent.sender },
            {
              bounceType: 'Transient',
              bounceSubType: 'MailboxFull',
              bouncedRecipients: [{ status: '4.2.2', diagnosticCode: 'smtp; 452 4.2.2 mailbox full' }],
            },
          ),
        ),
      soft('4.2.2', 'mailboxfull'),
    ],
    [
      'SES, permanent but about the mail',
      () =>
        snsCall(
          sesBounce(
            { source: sent.sender },
            {
              bouncedRecipients: [
                { status: '5.7.1', diagnosticCode: 'smtp; 554 5.7.1 Message rejected as spam' },
              ],
            },
          ),
        ),
      soft('5.7.1', 'spamdetected'),
    ],
    [
      'SES, permanent without a word',
      () =>
        snsCall(sesBounce({ source: sent.sender }, { bounceSubType: 'NoEmail', bouncedRecipients: [{}] })),
      hard(null),
    ],
    [
      'SES, its list of bounced addresses',
      () =>
        snsCall(
          sesBounce(
            { source: sent.sender },
            { bounceSubType: 'OnAccountSuppressionList', bouncedRecipients: [{}] },
          ),
        ),
      hard(null),
    ],
    [
      'Postmark, a full mailbox',
      () => postmarkCall(postmarkEvent({ Type: 'SoftBounce', Details: 'smtp;552 5.2.2 Mailbox full' })),
      soft('5.2.2', 'mailboxfull'),
    ],
    [
      'Postmark, taken for spam',
      () => postmarkCall(postmarkEvent({ Details: 'smtp;550 5.7.1 Message rejected as spam' })),
      soft('5.7.1', 'spamdetected'),
    ],
    [
      'Postmark, its list of bounced addresses',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'HardBounce',
          }),
        ),
      hard(null),
    ],
    [
      'Postmark, its list of complaints',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'SpamComplaint',
          }),
        ),
      complaint,
    ],
    [
      'Postmark, a person took it off',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: true,
            SuppressionReason: 'ManualSuppression',
          }),
        ),
      NOTHING,
    ],
    [
      'Postmark, back on the list',
      () =>
        postmarkCall(
          postmarkEvent({
            RecordType: 'SubscriptionChange',
            SuppressSending: false,
            SuppressionReason: 'HardBounce',
          }),
        ),
      NOTHING,
    ],
    ['Mailgun, a try', () => mailgunCall(mailgunEvent({ severity: 'temporary' }), { at: now() }), NOTHING],
    [
      'Mailgun, the last try',
      () =>
        mailgunCall(
          mailgunEvent({
            reason: 'old',
            'delivery-status': { code: 602, message: 'Too old', 'bounce-type': 'soft' },
          }),
          { at: now() },
        ),
      soft(null, 'onhold'),
    ],
    [
      'Mailgun, its list of bounced addresses',
      () =>
        mailgunCall(mailgunEvent({ reason: 'suppress-bounce', 'delivery-status': { code: 605 } }), {
          at: now(),
        }),
      hard(null),
    ],
    [
      'Mailgun, its list of complaints',
      () => mailgunCall(mailgunEvent({ reason: 'suppress-complaint' }), { at: now() }),
      complaint,
    ],
    [
      'Mailgun, its list of those who left',
      () => mailgunCall(mailgunEvent({ reason: 'suppress-unsubscribe' }), { at: now() }),
      NOTHING,
    ],
    [
      'SendGrid, blocked',
      () =>
        sendgridCall(
          [
            sendgridEvent({
              type: 'blocked',
              reason: '550 5.7.1 blocked, see our list of bad senders',
              status: '5.7.1',
            }),
          ],
          { at: now() },
        ),
      soft('5.7.1', 'rejected'),
    ],
    [
      'SendGrid, a reason that is not the address',
      () =>
        sendgridCall([sendgridEvent({ reason: '', status: '5.0.0', bounce_classification: 'Technical' })], {
          at: now(),
        }),
      soft('5.0.0', 'onhold'),
    ],
    ['SendGrid, a try', () => sendgridCall([sendgridEvent({ event: 'deferred' })], { at: now() }), NOTHING],
    [
      'SendGrid, its list of bounced addresses',
      () => sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Bounced Address' })], { at: now() }),
      hard(null),
    ],
    [
      'SendGrid, its list of complaints',
      () =>
        sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Spam Reporting Address' })], { at: now() }),
      complaint,
    ],
    [
      'SendGrid, its list of those who left',
      () =>
        sendgridCall([sendgridEvent({ event: 'dropped', reason: 'Unsubscribed Address' })], { at: now() }),
      NOTHING,
    ],
  ])('%s', async (_name, call, expected) => {
    expect((await post(call())).statusCode).toBe(200);
    expect(await stored()).toEqual(expected);
  });

  it('takes the greeting of SES in plain words', async () => {
    const answer = await post(snsCall('Successfully validated SNS topic for Amazon SES event publishing.'));
    expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 0, ignored: 1 }]);
  });

  it('does nothing with a mail that is not ours, whoever says so', async () => {
    const forged = `delivery.${sent.deliveryId}.0123456789abcdef@example.org`;
    for (const call of [
      snsCall(sesBounce({ source: forged })),
      postmarkCall(postmarkEvent({ Metadata: { delivery: forged } })),
      mailgunCall(mailgunEvent({ message: { headers: { 'message-id': forged } } }), { at: now() }),
      sendgridCall([sendgridEvent({ 'smtp-id': forged })], { at: now() }),
    ]) {
      const answer = await post(call);
      expect([answer.statusCode, answer.json()]).toEqual([200, { recorded: 0, ignored: 1 }]);
    }
    expect(await stored()).toEqual(NOTHING);
  });
});
