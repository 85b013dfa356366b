/** What the options of any driver on a GPIO line say. */
import * as z from 'zod';

/** Fields of any driver on a line. */
export const lineFields = {
  /** Offset on its chip: the BCM number on a Raspberry Pi. */
  line: z.number().int().min(0).max(511),
  bias: z.enum(['as-is', 'disabled', 'pull-up', 'pull-down']).default('pull-up'),
  /** True for a contact to ground. */
  activeLow: z.boolean().default(true),
};
