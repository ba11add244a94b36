/** What a check says: one line for the operator, and what to do about it. */

export interface Finding {
  /** A word or two: what was looked at. */
  name: string;
  /** `fault`: mail or the site will not work. `warning`: it may not. `skipped`: there was nothing to look at. */
  state: 'ok' | 'warning' | 'fault' | 'skipped';
  found: string;
  /** What to do; null where nothing is needed. */
  advice: string | null;
}

export interface FindingGroup {
  title: string;
  findings: Finding[];
}

export function ok(name: string, found: string): Finding {
  return { name, state: 'ok', found, advice: null };
}

export function warning(name: string, found: string, advice: string): Finding {
  return { name, state: 'warning', found, advice };
}

export function fault(name: string, found: string, advice: string): Finding {
  return { name, state: 'fault', found, advice };
}

export function skipped(name: string, found: string, advice: string | null = null): Finding {
  return { name, state: 'skipped', found, advice };
}
