/** Outputs and what happens to them, as a device tells it. */
import * as z from 'zod';
import { clockSourceSchema } from './reading.ts';
import { ruleSchema } from './rule.ts';

const text = z.string().max(200);
const id = z.string().min(1).max(60);
const words = z.string().max(500);

/** Value of an output: 0 off, 1 on, between them the share of the time that a PWM output is on. */
export const outputValueSchema = z.number().min(0).max(1);

/** Longest time for which a person may hold an output, ms. */
export const LONGEST_HOLD_MS = 86_400_000;

/**
 * Why an output changed, or was not let. `lease`: nobody renewed; `limit`: its longest time on was over; `boot`: the
 * daemon started; `host`: the process that held it died; `stop`: the daemon was told to end.
 */
export const outputCauseSchema = z.enum([
  'person',
  'rule',
  'lease',
  'limit',
  'boot',
  'host',
  'stop',
  'interlock',
]);
export type OutputCause = z.infer<typeof outputCauseSchema>;

/** Who holds an output, and for how long yet. */
export const outputHoldSchema = z.object({
  cause: z.enum(['person', 'rule']),
  /** Who: a name, or the id of the rule. */
  by: text,
  leftMs: z.number(),
});

export const outputStateSchema = z.object({
  output: id,
  name: text,
  kind: z.enum(['gpio', 'pwm', 'modbus-coil']),
  /** `failing`: its line cannot be written, or nobody holds it now; `error` says why. */
  state: z.enum(['ok', 'failing']),
  error: words.nullable(),
  /** Null while it is not known. */
  value: outputValueSchema.nullable(),
  safe: outputValueSchema,
  /** Null: nobody holds it, it is where its policy put it. */
  hold: outputHoldSchema.nullable(),
  /** For how long it has been on, ms; null while it is off. */
  onMs: z.number().nullable(),
  /** For how long yet it must stay off, ms; 0: it may be switched on. */
  restMs: z.number(),
  maxOnMs: z.number().nullable(),
  /** Outputs that are never on together with this one. */
  never: z.array(id).max(256),
});
export type OutputState = z.infer<typeof outputStateSchema>;

/** One thing that happened. Numbers grow by one and are never used again. */
export const deviceEventSchema = z.object({
  seq: z.number().int().min(1),
  /** Epoch ms as the device believed it then, and who had set its clock. */
  at: z.number(),
  clock: clockSourceSchema,
  run: z.number().int().min(0),
  /** `output`: a write, a fall, a refusal. `rule`: one went on or off, or cannot judge. `alarm`: raised or over. */
  kind: z.enum(['output', 'rule', 'alarm']),
  /** Id of the output or the rule. */
  subject: id,
  /** After it; 1 and 0 for a rule and an alarm. */
  value: outputValueSchema.nullable(),
  before: outputValueSchema.nullable(),
  cause: outputCauseSchema,
  /** Who or what: a name, the id of a rule, the words of an alarm. */
  by: text,
  /** Why it was not done, in words; null when it was. */
  refused: words.nullable(),
});
export type DeviceEvent = z.infer<typeof deviceEventSchema>;

export const ruleStateSchema = z.object({
  rule: ruleSchema,
  /** `waiting`: on, but its output is held by somebody else or refuses. `failing`: it cannot judge. */
  state: z.enum(['on', 'off', 'waiting', 'failing']),
  /** Why it waits or fails, in words. */
  why: words.nullable(),
  /** Ms since it went on or off; null when it never did. */
  sinceMs: z.number().nullable(),
  /** Last value it judged by. */
  value: z.number().nullable(),
});
export type RuleStateRow = z.infer<typeof ruleStateSchema>;
