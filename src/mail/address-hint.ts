/** Slips in typed addresses: which domain someone most likely meant. A hint only, as every domain may be real. Pure. */

/**
 * What the script of the form needs to find the same slips; `templates/assets/sign-up.js` holds the same rules.
 * Names under five letters are left out: most of what is one letter from `gmx.de` or `qq.com` is somebody's domain.
 */
export const ADDRESS_SLIPS = {
  domains: [
    'gmail.com',
    'googlemail.com',
    'yahoo.com',
    'hotmail.com',
    'outlook.com',
    'icloud.com',
    'protonmail.com',
    'proton.me',
    'fastmail.com',
    'yandex.ru',
    'comcast.net',
    'verizon.net',
  ],
  /** Endings that nobody has, whatever stands in front of them. */
  ends: {
    con: 'com',
    cmo: 'com',
    ocm: 'com',
    cim: 'com',
    cpm: 'com',
    vom: 'com',
    xom: 'com',
    comm: 'com',
    coom: 'com',
    nte: 'net',
    ner: 'net',
    ent: 'net',
    ogr: 'org',
    rog: 'org',
    prg: 'org',
    orgg: 'org',
    edi: 'edu',
    eud: 'edu',
    eduu: 'edu',
  },
};

const ENDS = new Map<string, string>(Object.entries(ADDRESS_SLIPS.ends));

/** The address with the domain that was meant, or null where there is no slip to see. Takes what `parseAddress` took. */
export function suggestAddress(address: string): string | null {
  const at = address.lastIndexOf('@') + 1;
  const typed = address.slice(at).toLowerCase();
  const domain = suggestDomain(typed);
  return domain === typed ? null : address.slice(0, at) + domain;
}

function suggestDomain(typed: string): string {
  const dot = typed.lastIndexOf('.') + 1;
  const ended = typed.slice(0, dot) + (ENDS.get(typed.slice(dot)) ?? typed.slice(dot));
  return ADDRESS_SLIPS.domains.find((domain) => isOneSlip(ended, domain)) ?? ended;
}

/** One letter too many, too few, wrong, or in its neighbour's place; the first is right, as in most slips. */
function isOneSlip(typed: string, meant: string): boolean {
  let at = 0;
  while (at < typed.length && typed[at] === meant[at]) at += 1;
  const [a, b] = [typed.slice(at), meant.slice(at)];
  const swapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return at > 0 && (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1) || swapped);
}
