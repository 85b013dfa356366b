/** The part of the engine contract that is about outputs, rules and what happened on a device. */
import * as z from 'zod';
import { deviceOutputCalls } from './device-output-calls.ts';
import type { Contract } from './peer.ts';
import { ruleSchema } from './rule.ts';

const device = z.string().min(1).max(120);
const onDevice = z.object({ device });

export const outputCalls = {
  /** As the device's call of the same name, as are the next three. Throws UNSUPPORTED by an older daemon. */
  'device.outputs': { input: onDevice, output: deviceOutputCalls.outputs.output },
  /** `by` is filled in by the engine: who is logged in on this laptop. */
  'device.setOutput': {
    input: deviceOutputCalls.setOutput.input.omit({ by: true }).extend({ device }),
    output: deviceOutputCalls.setOutput.output,
  },
  'device.rules': { input: onDevice, output: deviceOutputCalls.rules.output },
  'device.events': {
    input: deviceOutputCalls.events.input.extend({ device }),
    output: deviceOutputCalls.events.output,
  },
  /**
   * What a rule would have done with the readings that the archive has of a device, whether or not the device has the
   * rule. Its output's own limits are not looked at. Throws BAD_INPUT for an unknown zone or an empty span.
   */
  'rules.simulate': {
    input: z.object({
      device,
      rule: ruleSchema,
      timeZone: z.string().min(1).max(80),
      from: z.number(),
      to: z.number(),
    }),
    output: z.object({
      /** At most 1000, oldest first. Epoch ms. */
      switches: z.array(z.object({ at: z.number(), on: z.boolean() })).max(1000),
      times: z.number().int(),
      onMs: z.number(),
      unheardMs: z.number(),
      /** Readings that were looked at; 0: the archive has none of this channel in this span. */
      readings: z.number().int(),
    }),
  },
} satisfies Contract['calls'];
