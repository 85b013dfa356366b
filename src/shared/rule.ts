/**
 * A rule: when an output is held, and when a person is to be told. One shape for the device that runs it, the laptop
 * that simulates it and the words that explain it. Everything given in a rule must hold together: a threshold within
 * a schedule is one rule.
 */
import * as z from 'zod';

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, dashes or underscores');
const words = z
  .string()
  .min(1)
  .max(80)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not hold control characters');
const DAY_MS = 86_400_000;
const span = z.number().int().min(0).max(DAY_MS);

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day as 06:00 or 23:30, in quotation marks');

const thresholdSchema = z
  .strictObject({
    /** Id of the sensor, and the name of its channel. */
    sensor: id,
    channel: z.string().min(1).max(80),
    /** Begins beyond this, in the channel's unit: exactly one of the two. */
    above: z.number().optional(),
    below: z.number().optional(),
    /** Ends when the value is back at this; the bound itself unless told. */
    until: z.number().optional(),
    /** Begins only when it has been so for this long, ms; at once unless told. */
    forMs: span.optional(),
  })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), {
    message: 'needs exactly one of above and below',
  })
  .refine(({ above, until }) => above === undefined || until === undefined || until <= above, {
    path: ['until'],
    message: 'must not be over above',
  })
  .refine(({ below, until }) => below === undefined || until === undefined || until >= below, {
    path: ['until'],
    message: 'must not be under below',
  });

const scheduleSchema = z
  .strictObject({
    /** Days on which it begins; every day unless told. */
    days: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional(),
    /** Local time of day; where `to` is not after `from` it ends on the next day. */
    from: timeOfDay,
    to: timeOfDay,
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must not be the same as from' });

export const ruleSchema = z
  .strictObject({
    id,
    name: words.optional(),
    when: thresholdSchema.optional(),
    during: scheduleSchema.optional(),
    /** Holds an output at a value (1 unless told) while the rule is on; then lets it go, and it falls safe. */
    set: z.strictObject({ output: id, value: z.number().min(0).max(1).optional() }).optional(),
    /** Words for a person while the rule is on. */
    alarm: words.optional(),
    /** Once on, it stays on for this long at least, ms, also when the reason is gone. A sensor that fails ends it. */
    minOnMs: span.optional(),
    /** It is on for this long at most, ms; then not before its reason has been gone once. */
    maxOnMs: z.number().int().min(100).max(DAY_MS).optional(),
  })
  .refine(({ when, during }) => when || during, { message: 'needs when, or during, or both' })
  .refine(({ set, alarm }) => set || alarm, { message: 'needs set, or alarm, or both' })
  .refine(({ minOnMs = 0, maxOnMs = Infinity }) => minOnMs <= maxOnMs, {
    path: ['minOnMs'],
    message: 'must not be over maxOnMs',
  });
export type Rule = z.infer<typeof ruleSchema>;
export type Threshold = NonNullable<Rule['when']>;
export type Schedule = NonNullable<Rule['during']>;

/** Minutes since midnight of a time of day. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** How long a channel may be silent before a rule does not believe its last value any more, ms. */
export function staleAfterMs(periodMs: number): number {
  return Math.max(10_000, 3 * periodMs);
}
