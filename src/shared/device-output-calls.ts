/** The part of the device contract that is about outputs, the rules that hold them, and what happened. */
import * as z from 'zod';
import {
  deviceEventSchema,
  LONGEST_HOLD_MS,
  outputStateSchema,
  outputValueSchema,
  ruleStateSchema,
} from './output.ts';
import type { Contract } from './peer.ts';

export const deviceOutputCalls = {
  /** All configured outputs as they are now. */
  outputs: { input: z.object({}), output: z.object({ outputs: z.array(outputStateSchema).max(256) }) },
  /**
   * Holds an output at a value for `forMs` (null: for its own lease), in the name of `by`; rules wait meanwhile. A
   * `value` of null lets it go: it falls safe, and rules may have it. Throws REFUSED {field, value, reason} for an
   * unknown output, an interlock, a time it must stay off; HOST_FAILED while the process that holds it is restarted.
   */
  setOutput: {
    input: z.object({
      output: z.string().min(1).max(60),
      value: outputValueSchema.nullable(),
      forMs: z.number().int().min(100).max(LONGEST_HOLD_MS).nullable(),
      by: z.string().min(1).max(200),
    }),
    output: z.object({ output: outputStateSchema }),
  },
  /** All rules as they are now. `clockSet` false: schedules wait. */
  rules: {
    input: z.object({}),
    output: z.object({
      rules: z.array(ruleStateSchema).max(1000),
      timeZone: z.string().max(80),
      clockSet: z.boolean(),
    }),
  },
  /**
   * What happened, oldest first: at most `limit` events after number `after` (null: the newest). `trimmed`: older
   * ones after `after` were dropped by the bound.
   */
  events: {
    input: z.object({
      after: z.number().int().min(0).nullable(),
      limit: z.number().int().min(1).max(1000),
    }),
    output: z.object({ events: z.array(deviceEventSchema).max(1000), trimmed: z.boolean() }),
  },
} satisfies Contract['calls'];
