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
    sensor: id.meta({ title: 'Sensor', refers: 'sensors' }),
    channel: z.string().min(1).max(80).meta({ refers: 'channels' }),
    /** Exactly one of the two. */
    above: z
      .number()
      .optional()
      .meta({ description: 'Begins above this, in the unit of the channel. Or below:' }),
    below: z.number().optional().meta({ description: 'Begins below this. One of the two.' }),
    until: z.number().optional().meta({
      title: 'Until back at',
      description: 'Ends when the value is back at this; at the bound itself unless told.',
    }),
    forMs: span.optional().meta({
      title: 'For at least',
      description: 'Begins only when it has been so for this long; at once unless told.',
    }),
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
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .max(7)
      .optional()
      .meta({ description: 'Days on which it begins; every day unless told.' }),
    from: timeOfDay.meta({ description: 'Local time of day, as 06:00.' }),
    to: timeOfDay.meta({ description: 'Where it is not after “from”, it ends on the next day.' }),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must not be the same as from' });

export const ruleSchema = z
  .strictObject({
    id: id.meta({ title: 'Short name' }),
    name: words.optional(),
    when: thresholdSchema.optional().meta({ title: 'When a value' }),
    during: scheduleSchema.optional().meta({ title: 'Only at these times' }),
    set: z
      .strictObject({
        output: id.meta({ title: 'Output', refers: 'outputs' }),
        value: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .meta({ description: '0 is off, 1 is on, 0.4 is on for 40 % of the time; on unless told.' }),
      })
      .optional()
      .meta({
        title: 'Switch an output',
        description: 'Holds it while the rule is on; then lets it go, and it falls safe.',
      }),
    alarm: words.optional().meta({ description: 'Words for a person while the rule is on.' }),
    minOnMs: span.optional().meta({
      title: 'On for at least',
      description: 'Also when the reason is gone. A sensor that fails ends it.',
    }),
    maxOnMs: z.number().int().min(100).max(DAY_MS).optional().meta({
      title: 'On for at most',
      description: 'Then not again before its reason has been gone once.',
    }),
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
