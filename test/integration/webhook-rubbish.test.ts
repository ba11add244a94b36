/** Whatever is posted to a webhook, signed or not, is no fault of ours and records nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  mailgunCall,
  postmarkCall,
  sendgridCall,
  sesBounce,
  snsCall,
} from '../support/provider-calls.ts';
import { NOTHING, useWebhookSite } from '../support/webhook-site.ts';

const { sent, mailgunEvent, now, post, postmarkEvent, sendgridEvent, stored } = useWebhookSite();

describe('whatever comes', () => {
  it('is no fault of ours: broken, mangled and huge bodies', async () => {
    const good = () => [
      snsCall(sesBounce({ source: sent.sender })),
      postmarkCall(postmarkEvent()),
      mailgunCall(mailgunEvent(), { at: now() }),
      sendgridCall([sendgridEvent()], { at: now() }),
    ];
    const mangled = fc.record({
      which: fc.nat(3),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      insert: fc.oneof(fc.string(), fc.json(), fc.constantFrom('\u0000', '"', '{', '[[[', '1e999', 'null')),
      remove: fc.nat(40),
    });
    await fc.assert(
      fc.asyncProperty(mangled, async ({ which, cut, insert, remove }) => {
        const call = good()[which] as Call;
        const at = Math.floor(cut * call.payload.length);
        const payload = call.payload.slice(0, at) + insert + call.payload.slice(at + remove);
        expect((await post({ ...call, payload })).statusCode).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    const huge = await post({ ...postmarkCall({}), payload: `"${'x'.repeat(1024 * 1024)}"` });
    expect(huge.statusCode).toBe(413);
  });

  it('is no fault of ours where it is signed, whatever stands in the fields', async () => {
    const event = fc.dictionary(
      fc.constantFrom(
        'event',
        'type',
        'reason',
        'status',
        'smtp-id',
        'RecordType',
        'Type',
        'Details',
        'Metadata',
        'severity',
        'delivery-status',
        'message',
        'envelope',
        'notificationType',
        'bounce',
        'complaint',
        'mail',
      ),
      fc.oneof(
        fc.constantFrom('Bounce', 'bounce', 'failed', 'permanent', 'HardBounce', 'Complaint'),
        fc.jsonValue(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(event, fc.jsonValue()), async (body) => {
        const nested =
          typeof body === 'object' && body ? { ...body, bounce: body, mail: body, message: body } : body;
        for (const call of [
          snsCall(nested),
          postmarkCall(nested),
          mailgunCall(nested, { at: now() }),
          sendgridCall([nested, body], { at: now() }),
        ]) {
          const { statusCode } = await post(call);
          expect([200, 400]).toContain(statusCode);
        }
      }),
      { numRuns: 100 },
    );
    expect(await stored()).toEqual(NOTHING);
  });
});
