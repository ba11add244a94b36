/** Forged, altered, late and repeated calls of webhooks change nothing, however many come. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  mailgunCall,
  postmarkCall,
  sendgridCall,
  sesBounce,
  sesComplaint,
  snsCall,
  TOPIC,
} from '../support/provider-calls.ts';
import { useWebhookSite } from '../support/webhook-site.ts';

const webhooks = useWebhookSite();
const { net, sent, changesNothing, mailgunEvent, now, post, postmarkEvent, sendgridEvent } = webhooks;

describe('a call that is not of the provider', () => {
  it('without its key changes nothing', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const key = rsa.export({ format: 'pem', type: 'pkcs8' }).toString();
    await changesNothing(snsCall(sesBounce({ source: sent.sender }), { key }), 403);
    await changesNothing(postmarkCall(postmarkEvent(), 'another password for tests'), 401);
    await changesNothing(mailgunCall(mailgunEvent(), { at: now(), key: 'another key' }), 403);
    await changesNothing(sendgridCall([sendgridEvent()], { at: now(), key: ec }), 403);
  });

  it('without any proof changes nothing', async () => {
    for (const call of [postmarkCall(postmarkEvent()), sendgridCall([sendgridEvent()], { at: now() })]) {
      const status = call.url.endsWith('postmark') ? 401 : 403;
      await changesNothing({ ...call, headers: { 'content-type': 'application/json' } }, status);
    }
    const { headers, ...call } = postmarkCall(postmarkEvent());
    for (const authorization of ['Basic', 'Basic !', `Bearer ${headers.authorization?.slice(6)}`]) {
      await changesNothing({ ...call, headers: { authorization } }, 401);
    }
  });

  it('that was altered on its way changes nothing', async () => {
    const alter = (call: Call, from: string, to: string): Call => {
      expect(call.payload).toContain(from);
      return { ...call, payload: call.payload.replace(from, to) };
    };
    await changesNothing(
      alter(snsCall(sesComplaint({ source: sent.sender }, 'not-spam')), 'not-spam', 'abuse'),
      403,
    );
    const sendgrid = sendgridCall([sendgridEvent({ event: 'open' })], { at: now() });
    await changesNothing(alter(sendgrid, '"open"', '"bounce"'), 403);
    await changesNothing(alter(sendgrid, '\r\n', '\n'), 403);
    const mailgun = mailgunCall(mailgunEvent(), { at: now(), token: 'a-token' });
    await changesNothing(alter(mailgun, 'a-token', 'b-token'), 403);
  });

  it('that was signed more than 15 minutes before or ahead of now changes nothing', async () => {
    for (const minutes of [-16, 16]) {
      const at = new Date(now().getTime() + minutes * 60_000);
      await changesNothing(mailgunCall(mailgunEvent(), { at }), 403);
      await changesNothing(sendgridCall([sendgridEvent()], { at }), 403);
    }
  });

  it('with a certificate that has run out changes nothing', async () => {
    webhooks.site.clock.set('2100-01-01T00:00:00Z');
    await changesNothing(snsCall(sesBounce({ source: sent.sender })), 403);
  });

  it('from another topic changes nothing, and asks for no certificate', async () => {
    const call = snsCall(sesBounce({ source: sent.sender }), { TopicArn: `${TOPIC}2` });
    await changesNothing(call, 403);
    expect(net.asked).toEqual([]);
  });

  it.each([
    'https://sns.us-east-1.amazonaws.com.evil.example/a.pem',
    'http://sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com@evil.example/a.pem',
    'https://user@sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com:8443/a.pem',
    'https://evil.example/sns.us-east-1.amazonaws.com/a.pem',
    'https://evil.example#sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem.txt',
    'https://sns.us-east-1.amazonaws.com/a?.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com\\@evil.example/a.txt',
    'https://snsxus-east-1.amazonaws.com/a.pem',
    'https://s3.us-east-1.amazonaws.com/a.pem',
    'file:///etc/a.pem',
    '',
  ])('with a certificate from elsewhere changes nothing, and is not fetched: %s', async (SigningCertURL) => {
    await changesNothing(snsCall(sesBounce({ source: sent.sender }), { SigningCertURL }), 403);
    expect(net.asked).toEqual([]);
  });

  it('that comes a second time changes nothing more', async () => {
    const calls = [
      snsCall(sesBounce({ source: sent.sender })),
      postmarkCall(postmarkEvent()),
      sendgridCall([sendgridEvent()], { at: now() }),
    ];
    for (const call of calls) await post(call);
    const before = await webhooks.site.dump();
    for (const call of calls) expect((await post(call)).json()).toEqual({ recorded: 0, ignored: 1 });
    expect(await webhooks.site.dump()).toEqual(before);
  });

  it('that uses a token of Mailgun again is refused, within half an hour', async () => {
    const call = mailgunCall(mailgunEvent({ event: 'opened' }), { at: now() });
    expect((await post(call)).statusCode).toBe(200);
    await changesNothing(call, 403);
    webhooks.site.clock.advance(14 * 60_000);
    await changesNothing(call, 403);
  });

  it('and is one of very many is held back, while the provider is not', async () => {
    const stranger = '192.0.2.7';
    const forged = mailgunCall(mailgunEvent(), { at: now(), key: 'another key' });
    const answers: number[] = [];
    for (let count = 0; count < 61; count += 1) answers.push((await post(forged, stranger)).statusCode);
    expect([...new Set(answers)]).toEqual([403, 429]);
    expect((await post(mailgunCall(mailgunEvent(), { at: now() }), stranger)).statusCode).toBe(200);
  });

  it('can make us ask Amazon only a few times a minute', async () => {
    webhooks.site.clock.advance(60_000);
    for (let count = 0; count < 20; count += 1) {
      const SigningCertURL = `https://sns.us-east-1.amazonaws.com/${count}.pem`;
      expect((await post(snsCall({}, { SigningCertURL }))).statusCode).toBe(403);
    }
    expect(net.asked).toHaveLength(10);
  });
});
