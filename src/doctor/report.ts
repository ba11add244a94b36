/** Findings in lines for people. Pure. */
import type { Finding, FindingGroup } from './finding.ts';

const MARKS: Record<Finding['state'], string> = {
  ok: 'ok     ',
  warning: 'WARNING',
  fault: 'FAULT  ',
  skipped: 'skipped',
};
const INDENT = ' '.repeat(11);

export function countFindings(groups: readonly FindingGroup[]): { faults: number; warnings: number } {
  const states = groups.flatMap(({ findings }) => findings.map(({ state }) => state));
  const count = (wanted: Finding['state']) => states.filter((state) => state === wanted).length;
  return { faults: count('fault'), warnings: count('warning') };
}

/** A line for each finding, advice under it, and what to make of it all at the end. */
export function describeFindings(groups: readonly FindingGroup[], { trial }: { trial: boolean }): string {
  const parts = groups.map(({ title, findings }) => [title, ...findings.map(describeFinding)].join('\n'));
  return [...parts, conclude(countFindings(groups), trial)].join('\n\n');
}

function describeFinding({ name, state, found, advice }: Finding): string {
  return [`  ${MARKS[state]}  ${name}: ${found}`, ...(advice ? [`${INDENT}→ ${advice}`] : [])].join('\n');
}

const TRIAL =
  'This is a trial set-up: all mail goes to the local mailbox, and DNS was not asked. ' +
  'For real mail, set SMTP_URL, MAIL_FROM and PUBLIC_URL, and run this again.';

function conclude({ faults, warnings }: { faults: number; warnings: number }, trial: boolean): string {
  const counts = `${faults} ${faults === 1 ? 'fault' : 'faults'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
  if (trial) return `${counts} ${TRIAL}`;
  if (faults > 0) return `${counts} Mend the faults before you send real mail.`;
  return `${counts} Nothing stands against sending real mail.`;
}
