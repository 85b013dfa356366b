/** The part of the device contract that is about who is sent what the device records. */
import * as z from 'zod';
import type { Contract } from './peer.ts';

const text = z.string().max(500);

/** Kinds of publishers. */
export const PUBLISHER_KINDS = ['mqtt', 'http', 'prometheus'] as const;

/** How one publisher does. */
export const publisherSchema = z.object({
  publisher: z.string().max(60),
  kind: z.enum(PUBLISHER_KINDS),
  /** Where it sends to, or where it is asked; never with a password. */
  target: text,
  /** `starting`: nothing has been tried yet. `failing`: `problem` says why. */
  state: z.enum(['starting', 'working', 'failing']),
  problem: text.nullable(),
  /** What is in the journal and has not been sent; null where nothing waits to be sent, as for `prometheus`. */
  behind: z
    .object({
      batches: z.number().int().min(0),
      /** Reckoned from the batches it has seen, null before the first. */
      readings: z.number().min(0).nullable(),
    })
    .nullable(),
  /** How long ago all had been sent, ms; null: not since it started. */
  upToDateAgoMs: z.number().min(0).nullable(),
  /** Readings the receiver has taken today, by the device's own calendar. For `prometheus`: times it was asked. */
  today: z.number().int().min(0),
  /** Batches that the journal's bound dropped before they could be sent, since the publisher was set up. */
  lostBatches: z.number().int().min(0),
});
export type PublisherState = z.infer<typeof publisherSchema>;

export const devicePublisherCalls = {
  /** The publishers of the configuration, in its order. */
  publishers: {
    input: z.object({}),
    output: z.object({ publishers: z.array(publisherSchema).max(100) }),
  },
} satisfies Contract['calls'];
