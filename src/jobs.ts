/** The contract of the queues: which jobs there are, and what they carry: ids, never addresses. */
import { z } from 'zod';

/** Every queue with the shape of its jobs' data. */
export const jobSchemas = {
  /** Read what is new from one live source. */
  ingest: z.object({ source: z.string().max(64) }),
  /** `due`: split who is due into pages. `page`: compose the digests of these subscribers. */
  compose: z.discriminatedUnion('task', [
    z.object({ task: z.literal('due') }),
    z.object({
      task: z.literal('page'),
      at: z.iso.datetime(),
      subscriberIds: z.array(z.number().int()).max(1000),
    }),
  ]),
  /** Send these deliveries. */
  send: z.object({ deliveryIds: z.array(z.number().int()).max(1000) }),
  /** Put back what a dead worker or a wiped queue left behind. */
  recover: z.object({}),
  /** Look for bounces in the mailbox. */
  mailbox: z.object({}),
} as const;

export type QueueName = keyof typeof jobSchemas;
export type JobData<N extends QueueName> = z.infer<(typeof jobSchemas)[N]>;

/** What a person is waiting for goes ahead of bulk. */
export type Urgency = 'waiting' | 'bulk';
