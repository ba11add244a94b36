/** How far another clock is from this machine's. Pure. */
import { type Finding, type fault, ok, type warning } from './finding.ts';

/** `seconds`: what the other clock is ahead. Above `limit`, either way, it is what `beyond` makes of it. */
export function compareClocks(
  name: string,
  seconds: number,
  { limit, beyond }: { limit: number; beyond: typeof fault | typeof warning },
): Finding {
  const apart = Math.abs(seconds);
  if (apart <= limit) return ok(name, 'agrees with this machine');
  return beyond(
    name,
    `${apart} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine`,
    'Let both machines take their time from the network (NTP).',
  );
}
