/** The programs that judge our mail and may be missing here: whether each is present, and what to say where it is not. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromiumPath } from '../support/browser.ts';
import { hasPython } from '../support/raw-mail.ts';

export interface Judge {
  present: boolean;
  /** Stands behind the name of the tests: empty where the judge is present. */
  told: string;
}

/** Says on the terminal where a judge is absent: a test that nobody ran has proven nothing. */
function judge(name: string, present: boolean, install: string): Judge {
  if (!present) console.warn(`No ${name} here: its tests are skipped. To run them: ${install}.`);
  return { present, told: present ? '' : ` (skipped: no ${name})` };
}

const runs = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;

export const spamAssassin = () =>
  judge('SpamAssassin', runs('spamassassin', '--version'), 'apt-get install spamassassin');

export const python = () => judge('Python', hasPython, 'apt-get install python3');

/** With the Python that has it: Debian's package serves Debian's own. */
export function dkimpy(): Judge & { python: string } {
  const python = ['python3', '/usr/bin/python3'].find((each) => runs(each, '-c', 'import dkim'));
  return {
    ...judge('dkimpy', python !== undefined, 'apt-get install python3-dkim'),
    python: python ?? 'python3',
  };
}

export const lynx = () => judge('Lynx', runs('lynx', '--version'), 'apt-get install lynx');

export const w3m = () => judge('w3m', runs('w3m', '-version'), 'apt-get install w3m');

export const chromium = () =>
  judge('Chromium', chromiumPath !== null, 'apt-get install chromium, or name one by CHROMIUM');

export const postfix = () =>
  judge(
    'Postfix run by root',
    existsSync('/usr/sbin/postfix') && process.getuid?.() === 0,
    'apt-get install postfix, as root',
  );
