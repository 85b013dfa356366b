/** The shape of an error on the way to a shell. */
import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from './errors.ts';

/** An error as a shell gets it; words for people are in error-text.ts. */
export const wireErrorSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  retryable: z.boolean(),
  cause: z.unknown().optional(),
});
