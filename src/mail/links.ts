/** The signed links that stand in mails: what each is for is part of what is signed. */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/**
 * A link made for one purpose opens nothing else. `digest` carries a digest's id, the others a subscriber's; `more` and
 * `less` carry a paper's too.
 */
export type LinkPurpose =
  | 'confirm'
  | 'preferences'
  | 'pause'
  | 'unsubscribe'
  | 'address'
  | 'digest'
  | 'feed'
  | 'more'
  | 'less';

export interface LinkClaims {
  purpose: LinkPurpose;
  id: number;
  /** The subscriber's `tokenVersion` when the link was made, or `addressVersion`; the caller compares. */
  version: number;
  /** The paper that the reader wants more or less like; left out of all other links. */
  paperId?: number;
}

export type LinkCheck = ({ result: 'valid' } & LinkClaims) | { result: 'expired' | 'invalid' };

/**
 * The version of a link to agree to an address, however it is spelled: another for each address and each time it is asked for, so that no link
 * confirms what was sent elsewhere, and another with `tokenVersion`, with which all links end.
 */
export function addressVersion(asked: { tokenVersion: number; newEmail: string; newEmailAt: Date }): number {
  const text = `${asked.tokenVersion}:${asked.newEmailAt.getTime()}:${asked.newEmail.toLowerCase()}`;
  // As many bytes as a number holds exactly.
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

/** 16 of SHA-256's 32 bytes: beyond guessing, and short enough for a line of a text mail. */
const MAC_BYTES = 16;

/**
 * The signer of one installation. `secrets` holds one or more, newest first: the first signs, all verify,
 * so a key is rotated by putting a new one in front.
 */
export function createLinks({ secrets, publicUrl }: { secrets: readonly string[]; publicUrl: string }) {
  const keys = secrets.map(toKey);
  const [signing] = keys;
  if (!signing) throw new Error('createLinks needs a secret');
  const { id: signingId, secret } = signing;

  /** `expiresAt` null: never. */
  function sign({ purpose, id, version, paperId }: LinkClaims, expiresAt: Date | null = null): string {
    const seconds = expiresAt ? Math.floor(expiresAt.getTime() / 1000) : 0;
    const numbers = [id, version, seconds, ...(paperId === undefined ? [] : [paperId])];
    const payload = [signingId, ...numbers.map((number) => number.toString(36))].join('.');
    return `${payload}.${mac(secret, purpose, payload)}`;
  }

  function check(token: string, purpose: LinkPurpose, now: Date): LinkCheck {
    const cut = token.lastIndexOf('.');
    const payload = token.slice(0, Math.max(0, cut));
    const [keyId, id, version, seconds, paperId, ...rest] = payload.split('.');
    const key = keys.find((candidate) => candidate.id === keyId);
    if (!key || !id || !version || !seconds || rest.length > 0 || token.length > 200)
      return { result: 'invalid' };
    if (!same(token.slice(cut + 1), mac(key.secret, purpose, payload))) return { result: 'invalid' };
    const expires = Number.parseInt(seconds, 36);
    if (expires !== 0 && expires * 1000 < now.getTime()) return { result: 'expired' };
    return {
      result: 'valid',
      purpose,
      id: Number.parseInt(id, 36),
      version: Number.parseInt(version, 36),
      ...(paperId === undefined ? {} : { paperId: Number.parseInt(paperId, 36) }),
    };
  }

  const path: Record<LinkPurpose, string> = {
    confirm: 'confirm',
    preferences: 'preferences',
    pause: 'pause',
    unsubscribe: 'unsubscribe',
    address: 'address',
    digest: 'digests',
    feed: 'digests/feed',
    more: 'more',
    less: 'less',
  };

  return {
    sign,
    check,
    url: (claims: LinkClaims, expiresAt: Date | null = null) =>
      `${publicUrl}/${path[claims.purpose]}/${sign(claims, expiresAt)}`,
    /** A short proof for the local part of an address or a Message-ID, which servers may lower-case: hex only. */
    proof: (purpose: string, id: number) => proofBy(secret, purpose, id),
    /** Whether any of the keys made this proof. */
    checkProof: (purpose: string, id: number, proof: string) =>
      keys.some((key) => same(proof, proofBy(key.secret, purpose, id))),
  };
}

export type Links = ReturnType<typeof createLinks>;

function toKey(secret: string) {
  const id = createHash('sha256').update(`key-id:${secret}`).digest('base64url').slice(0, 4);
  // A digest has some 25 signatures, and text would be made a key for each of them.
  return { id, secret: createSecretKey(secret, 'utf8') };
}

function mac(secret: KeyObject, purpose: LinkPurpose, payload: string): string {
  return createHmac('sha256', secret)
    .update(`${purpose}\0${payload}`)
    .digest()
    .subarray(0, MAC_BYTES)
    .toString('base64url');
}

function proofBy(secret: KeyObject, purpose: string, id: number): string {
  return createHmac('sha256', secret).update(`${purpose}:${id}`).digest('hex').slice(0, 16);
}

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
