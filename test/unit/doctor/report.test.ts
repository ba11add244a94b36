/** What the operator reads at the end of it all. */
import { describe, expect, it } from 'vitest';
import { fault, ok, skipped, warning } from '../../../src/doctor/finding.ts';
import { countFindings, describeFindings } from '../../../src/doctor/report.ts';

const groups = [
  {
    title: 'Settings',
    findings: [ok('MAIL_FROM', 'digest@papers.internal'), warning('PUBLIC_URL', 'no https', 'Add TLS.')],
  },
  { title: 'DNS', findings: [fault('SPF', 'there is none', 'Publish one.'), skipped('PTR', 'not known')] },
];

describe('the report', () => {
  it('has a line for each finding under its group, and advice below', () => {
    expect(describeFindings(groups, { trial: false })).toBe(
      [
        'Settings',
        '  ok       MAIL_FROM: digest@papers.internal',
        '  WARNING  PUBLIC_URL: no https',
        '           → Add TLS.',
        '',
        'DNS',
        '  FAULT    SPF: there is none',
        '           → Publish one.',
        '  skipped  PTR: not known',
        '',
        '1 fault, 1 warning. Mend the faults before you send real mail.',
      ].join('\n'),
    );
    expect(countFindings(groups)).toEqual({ faults: 1, warnings: 1 });
  });

  it('says of a trial that it is one, and what makes it real', () => {
    expect(describeFindings([], { trial: true })).toMatch(/trial set-up.*SMTP_URL, MAIL_FROM and PUBLIC_URL/);
  });
});
