/** A key that can not sign mail as receivers want it stops the start, and says why. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

let site: TestSite;
beforeAll(async () => {
  site = await createTestSite();
});
afterAll(() => site.close());

it('a signing key of another kind is refused at start, in words', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const DATABASE_URL = site.ctx.config.databaseUrl ?? '';
  for (const [key, words] of [
    [pem(privateKey), /^DKIM_PRIVATE_KEY must be an RSA key; this one is ed25519\.$/],
    [pem(rsa.privateKey).replace(/\n.{20}/, '\n'), /^DKIM_PRIVATE_KEY is not a key that can be read\.$/],
  ] as const) {
    const config = loadConfig({ DATABASE_URL, SMTP_URL: site.sink.url, DKIM_PRIVATE_KEY: key });
    await expect(openContext(config, { mode: 'attach', log: site.ctx.log })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(words),
    });
  }
});
