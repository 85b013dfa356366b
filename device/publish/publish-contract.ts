/**
 * Between the root and the thread of a publisher: the thread reads the journal as a laptop does, by the same calls, and
 * tells how it does. Nothing else crosses.
 */
import * as z from 'zod';
import { deviceContract } from '../../src/shared/device-contract.ts';
import type { Contract } from '../../src/shared/peer.ts';
import { cursorSchema } from '../../src/shared/reading.ts';
import type { PublisherConfig } from './publish-config.ts';

const { pull, runs, status } = deviceContract.calls;

/** What a thread tells of itself. */
const accountSchema = z.object({
  /** Why nothing goes out, in words; null when it does. */
  problem: z.string().max(500).nullable(),
  /** All up to here has been taken by the receiver; null: nothing yet, or nothing is ever sent. */
  sent: cursorSchema.nullable(),
  /** Readings and batches seen so far, to reckon the one from the other. */
  seen: z.object({ readings: z.number(), batches: z.number() }),
  today: z.number().int().min(0),
  lostBatches: z.number().int().min(0),
});
export type Account = z.infer<typeof accountSchema>;

export const publishContract = {
  calls: {
    pull,
    runs,
    status,
    tell: { input: accountSchema, output: z.object({}) },
  },
  events: {
    /** Ends it in its own way. */
    stop: z.object({}),
  },
} satisfies Contract;

/** What a thread is started with. */
export interface PublisherPlan {
  config: PublisherConfig;
  /** Folder of the configuration: relative paths of secrets begin here. */
  state: string;
  /** Folder of what publishers remember. */
  folder: string;
  device: { id: string; name: string; hostname: string; model: string; serial: string };
  /** Sensors and outputs of the configuration, by id, with the driver that their channels name: what else was told of is gone. */
  sensors: Record<string, string>;
}
