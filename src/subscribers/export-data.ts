/** Everything that is held about one reader, as a file of their own. */
import type { Context } from '../context.ts';
import { wordReasons } from '../mail/reason-words.ts';
import { translatorFor } from '../messages.ts';
import {
  listAllVerdicts,
  listAskedAt,
  listBounces,
  listConsents,
  listDigestsAfter,
  listMails,
} from './export-data.repo.ts';
import { getProfile, isSuppressed, type Subscriber } from './subscribers.repo.ts';

/** Someone with a daily digest for ten years has 3,650, each with up to 20 papers: they are read some at a time. */
const DIGESTS_AT_ONCE = 100;

/** ISO 8601, in UTC. */
type Time = string;

/** The names stay as they are; new ones may be added. Times are null where that never happened. */
export interface ExportedData {
  format: 'paperboy-export';
  version: 1;
  exportedAt: Time;
  reader: {
    address: string;
    status: 'pending' | 'active' | 'unsubscribed';
    /** The address gets no mail, as mail to it came back or was reported as unwanted. */
    suppressed: boolean;
    subscribedAt: Time;
    confirmedAt: Time | null;
    unsubscribedAt: Time | null;
    leaveReason: string | null;
    /** In the year 9999: until the reader resumes. */
    pausedUntil: Time | null;
    lastDigestAt: Time | null;
    nextDigestAt: Time | null;
    /** When everything will be erased. */
    eraseAt: Time | null;
    /** When the digest moved to this address from another one, which is not kept. */
    movedAt: Time | null;
    /** The address that is asked whether the digest may go there, and every time that one was. What came of the asking is its owner's. */
    newAddress: { address: string; askedAt: Time } | null;
    newAddressesAskedAt: Time[];
  };
  choices: {
    topics: string[];
    keywords: string[];
    excludedWords: string[];
    authors: string[];
    frequency: 'daily' | 'weekly';
    /** 0 is Sunday. */
    weekdays: number[];
    hour: number;
    timezone: string;
    language: string;
    papersPerDigest: number;
    pickiness: 'low' | 'medium' | 'high';
  };
  consents: { action: string; via: string; at: Time }[];
  feedback: ({ verdict: 'liked' | 'disliked'; at: Time } & ExportedPaper)[];
  mails: {
    kind: string;
    /** Of the digest that it carried. */
    edition: string | null;
    status: string;
    createdAt: Time;
    finishedAt: Time | null;
    bounces: { kind: string; status: string | null; reason: string; at: Time }[];
  }[];
  digests: {
    edition: string;
    composedAt: Time;
    /** Little matched, and what was trending stood in. */
    filled: boolean;
    papers: (ExportedPaper & { score: number; reasons: string[] })[];
    /** Named at its end. */
    alsoTrending: ExportedPaper[];
  }[];
}

export interface ExportedPaper {
  title: string;
  arxivId: string | null;
  doi: string | null;
  url: string | null;
}

/** The JSON of an `ExportedData`, piece by piece, so that years of digests take no more memory than some of them. */
export async function* exportData(ctx: Context, subscriber: Subscriber): AsyncGenerator<string> {
  const head = await readHead(ctx, subscriber);
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "digests": [`;
  let separator = '\n';
  for await (const digest of readDigests(ctx, subscriber)) {
    yield `${separator}    ${JSON.stringify(digest)}`;
    separator = ',\n';
  }
  yield '\n  ]\n}\n';
  ctx.log.info({ event: 'subscriber.exported', subscriberId: subscriber.id });
}

async function readHead(ctx: Context, subscriber: Subscriber): Promise<Omit<ExportedData, 'digests'>> {
  const { db } = ctx;
  const { id, newEmail, newEmailAt } = subscriber;
  const profile = await getProfile(db, id);
  const verdicts = await listAllVerdicts(db, id);
  const bounces = await listBounces(db, id);
  return {
    format: 'paperboy-export',
    version: 1,
    exportedAt: iso(ctx.now()),
    reader: {
      address: subscriber.email,
      status: subscriber.status,
      suppressed: await isSuppressed(db, subscriber.emailHash),
      subscribedAt: iso(subscriber.createdAt),
      confirmedAt: iso(subscriber.confirmedAt),
      unsubscribedAt: iso(subscriber.unsubscribedAt),
      leaveReason: subscriber.leaveReason,
      pausedUntil: iso(subscriber.pausedUntil),
      lastDigestAt: iso(subscriber.lastDigestAt),
      nextDigestAt: iso(subscriber.nextDueAt),
      eraseAt: iso(subscriber.eraseAt),
      movedAt: iso(subscriber.movedAt),
      newAddress: newEmail && newEmailAt ? { address: newEmail, askedAt: iso(newEmailAt) } : null,
      newAddressesAskedAt: (await listAskedAt(db, id)).map((at) => iso(at)),
    },
    choices: {
      topics: profile.topicSlugs,
      keywords: profile.keywords,
      excludedWords: profile.excluded,
      authors: profile.authors,
      frequency: subscriber.frequency,
      weekdays: subscriber.weekdays,
      hour: subscriber.hour,
      timezone: subscriber.timezone,
      language: subscriber.language,
      papersPerDigest: subscriber.paperCount,
      pickiness: subscriber.pickiness,
    },
    consents: (await listConsents(db, id)).map(({ at, ...consent }) => ({ ...consent, at: iso(at) })),
    feedback: verdicts.map(({ verdict, at, ...paper }) => ({ verdict, at: iso(at), ...paper })),
    mails: (await listMails(db, id)).map(({ id: deliveryId, createdAt, finishedAt, ...mail }) => ({
      ...mail,
      createdAt: iso(createdAt),
      finishedAt: iso(finishedAt),
      bounces: bounces
        .filter((bounce) => bounce.deliveryId === deliveryId)
        .map(({ kind, status, reason, at }) => ({ kind, status, reason, at: iso(at) })),
    })),
  };
}

async function* readDigests(
  ctx: Context,
  { id: subscriberId, language }: Subscriber,
): AsyncGenerator<ExportedData['digests'][number]> {
  const t = translatorFor(language);
  let afterId = 0;
  for (;;) {
    const page = await listDigestsAfter(ctx.db, { subscriberId, afterId, limit: DIGESTS_AT_ONCE });
    for (const { id, edition, composedAt, filled, papers, alsoTrending } of page) {
      afterId = id;
      yield {
        edition,
        composedAt: iso(composedAt),
        filled,
        papers: papers.map((paper) => ({ ...paper, reasons: wordReasons(paper.reasons, t) })),
        alsoTrending,
      };
    }
    if (page.length < DIGESTS_AT_ONCE) return;
  }
}

function iso(date: Date): Time;
function iso(date: Date | null): Time | null;
function iso(date: Date | null): Time | null {
  return date?.toISOString() ?? null;
}
