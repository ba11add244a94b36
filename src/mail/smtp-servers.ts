/**
 * Several mail servers as one: mails are spread by weight, a server that fails is left out for a while, and its mails
 * go to the next. Once the body of a mail was begun it stays where it is, or its reader might get it twice.
 */
import type { Logger } from '../logger.ts';
import { isBodyBegun, readDeliveryFault } from './delivery-error.ts';
import { type Envelope, openSmtpPool, type SmtpPool } from './smtp-pool.ts';
import type { SmtpServer } from './smtp-url.ts';

/** How long a server that failed is left out: doubled at each probe that fails, while another stands in for it. */
const REST_MS = { first: 30_000, longest: 600_000 };

interface Member {
  /** `host:port`, for logs. */
  name: string;
  weight: number;
  pool: SmtpPool;
  /** Of smooth weighted round robin: who has waited longest for their share. */
  credit: number;
  /** In a row; 0 is up. */
  failures: number;
  failedAt: number;
  /** The one mail that tries a server which was left out. */
  probe: Promise<void> | null;
}

/** Opens nothing yet. Each server has `connections` of its own. Throws as a single pool does, once no server is left. */
export function openSmtpServers(
  servers: readonly SmtpServer[],
  { connections, now, log }: { connections: number; now: () => Date; log: Logger },
): Omit<SmtpPool, 'isConnected'> {
  const members = servers.map(
    (server): Member => ({
      name: `${server.host}:${server.port}`,
      weight: server.weight,
      pool: openSmtpPool(server, { connections }),
      credit: 0,
      failures: 0,
      failedAt: 0,
      probe: null,
    }),
  );
  const isUp = ({ failures }: Member) => failures === 0;

  function restMs({ failures }: Member): number {
    // Nothing is gained by leaving out the last one for long.
    if (!members.some(isUp)) return REST_MS.first;
    return Math.min(REST_MS.first * 2 ** (failures - 1), REST_MS.longest);
  }

  /** Null where none is left that this mail has not tried. A server whose rest is over comes first, for a single mail. */
  function choose(tried: ReadonlySet<Member>): { member: Member } | { after: Promise<void> } | null {
    const left = members.filter((member) => !tried.has(member));
    const rested = left.find(
      (member) => !isUp(member) && !member.probe && now().getTime() - member.failedAt >= restMs(member),
    );
    const member = rested ?? takeTurn(left.filter(isUp));
    if (member) return { member };
    const after = left.find(({ probe }) => probe)?.probe;
    return after ? { after } : null;
  }

  function noteUp(member: Member): void {
    if (isUp(member)) return;
    log.info({ event: 'mail.server_up', server: member.name });
    member.failures = 0;
    member.credit = 0;
  }

  function noteFailure(member: Member, isProbe: boolean, error: unknown): void {
    // Of several mails that fail at once the first counts; and a server that has a connection to us is up, however
    // many more it refuses.
    if (isProbe || (isUp(member) && !member.pool.isConnected())) {
      member.failures++;
      member.failedAt = now().getTime();
      const { code } = readDeliveryFault(error);
      const fault = (error as { code?: string }).code;
      log.warn({ event: 'mail.server_down', server: member.name, fault, code, restMs: restMs(member) });
    }
  }

  async function sendBy(member: Member, envelope: Envelope, raw: Buffer): Promise<string> {
    const sending = member.pool.send(envelope, raw);
    const isProbe = !isUp(member);
    if (isProbe) member.probe = endOf(sending);
    try {
      const answer = await sending;
      noteUp(member);
      return answer;
    } catch (error) {
      if (isServerAtFault(error)) noteFailure(member, isProbe, error);
      else noteUp(member);
      throw error;
    } finally {
      if (isProbe) member.probe = null;
    }
  }

  return {
    async send(envelope, raw) {
      const tried = new Set<Member>();
      let fault: unknown = Object.assign(new Error('No mail server can be reached'), { code: 'ECONNECTION' });
      for (let choice = choose(tried); choice; choice = choose(tried)) {
        if ('after' in choice) {
          await choice.after;
          continue;
        }
        const { member } = choice;
        tried.add(member);
        try {
          return await sendBy(member, envelope, raw);
        } catch (error) {
          if (!isServerAtFault(error)) throw error;
          fault = error;
        }
      }
      throw fault;
    },
    close() {
      for (const { pool } of members) pool.close();
    },
  };
}

/** The server failed, and this mail was not begun. */
function isServerAtFault(error: unknown): boolean {
  return readDeliveryFault(error).kind === 'unreachable' && !isBodyBegun(error);
}

/** Settles once what came of `sending` has been noted. */
async function endOf(sending: Promise<unknown>): Promise<void> {
  await sending.catch(() => {});
  await new Promise(setImmediate);
}

/** Smooth weighted round robin: of weights 3 and 1, "a a b a". */
function takeTurn(members: readonly Member[]): Member | null {
  let chosen: Member | null = null;
  let total = 0;
  for (const member of members) {
    member.credit += member.weight;
    total += member.weight;
    if (!chosen || member.credit > chosen.credit) chosen = member;
  }
  if (chosen) chosen.credit -= total;
  return chosen;
}
