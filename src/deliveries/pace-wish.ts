/** How long a server asks to wait, read from the words of its answer. Pure. */

/** By the first letter of the unit. */
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3600_000 };
const NUMBER_WORDS: Record<string, number> = { a: 1, an: 1, one: 1, few: 5 };
/** More is heard as this: the mail is of today. */
const LONGEST_MS = 4 * 3600_000;

/** What asks for patience, so that "a message of 5 minutes ago" is no wish. */
const ASKS = '(?:retry|again|wait|come back|delay|defer|gr[ea]ylist|throttl)[^.;!]{0,60}?';
const WISH = new RegExp(
  `${ASKS}(?<!per |[\\d.])\\b(?<amount>\\d{1,6}|an?|one|few) ?(?:more )?(?<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\\b`,
  'i',
);
/** "Greylisting in action, please come back in 00:04:53". */
const CLOCK = new RegExp(`${ASKS}\\b(?<hours>\\d\\d):(?<minutes>[0-5]\\d):(?<seconds>[0-5]\\d)\\b`, 'i');
/** Where no unit is named, they are seconds: "Retry-After: 60". */
const BARE = /\b(?:retry(?:[- ]after)?|gr[ea]ylist(?:ed|ing)?) ?[=:] ?(?<amount>\d{1,6})(?![\d.:-])/i;

/** In ms, at most 4 hours; 0 where it asks for no time. */
export function readAskedWaitMs(answer: string): number {
  return Math.min(readMs(answer), LONGEST_MS);
}

function readMs(answer: string): number {
  const { amount, unit } = WISH.exec(answer)?.groups ?? {};
  if (amount && unit) {
    return (
      (NUMBER_WORDS[amount.toLowerCase()] ?? Number(amount)) * (UNIT_MS[unit.charAt(0).toLowerCase()] ?? 0)
    );
  }
  const { hours, minutes, seconds } = CLOCK.exec(answer)?.groups ?? {};
  if (hours) return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return Number(BARE.exec(answer)?.groups?.amount ?? 0) * 1000;
}
