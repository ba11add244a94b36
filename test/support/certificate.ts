/** The test certificate and its key (`test/fixtures/certificates`): nothing but tests may trust them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/project-root.ts';

const read = (name: string) =>
  readFileSync(join(projectRoot, 'test', 'fixtures', 'certificates', name), 'utf8');

/** PEM; for `localhost` and 127.0.0.1. */
export const testCertificate = { cert: read('test-only.cert.pem'), key: read('test-only.key.pem') };
