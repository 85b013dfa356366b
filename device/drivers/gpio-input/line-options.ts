/** What the options of a driver on a GPIO line say, checked. */
import * as z from 'zod';
import { MusterError } from '../../../src/shared/errors.ts';

/** Fields of any driver on a line. */
export const lineFields = {
  /** Offset on its chip: the BCM number on a Raspberry Pi. */
  line: z.number().int().min(0).max(511),
  bias: z.enum(['as-is', 'disabled', 'pull-up', 'pull-down']).default('pull-up'),
  /** True for a contact to ground. */
  activeLow: z.boolean().default(true),
};

/** `options` as `schema` has them. Throws CONFIG_INVALID naming the path. */
export function checkedOptions<T>(options: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = ['options', ...(issue?.path ?? [])].join('.');
  throw new MusterError('CONFIG_INVALID', `${path}: ${issue?.message ?? 'invalid'}`, { path });
}
