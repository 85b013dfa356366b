/** The part of the engine contract that is about whom devices send their readings. */
import * as z from 'zod';
import { devicePublisherCalls } from './device-publisher-calls.ts';
import type { Contract } from './peer.ts';

export const publisherCalls = {
  /** As the device's call `publishers`. Throws UNSUPPORTED by an older daemon. */
  'publishers.list': {
    input: z.object({ device: z.string().min(1).max(120) }),
    output: devicePublisherCalls.publishers.output,
  },
} satisfies Contract['calls'];
