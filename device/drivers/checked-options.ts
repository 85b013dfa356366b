/** The options of a sensor against the schema of its driver. */
import type * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';

/** `options` as `schema` has them. Throws CONFIG_INVALID naming the path. */
export function checkedOptions<T>(options: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = ['options', ...(issue?.path ?? [])].join('.');
  throw new MusterError('CONFIG_INVALID', `${path}: ${issue?.message ?? 'invalid'}`, { path });
}
