/**
 * Outputs, interlocks and rules as the configuration names them, and what of it would contradict itself.
 * Refuses: a limit that could not be kept. After a restart nobody knows for how long an output has been on or off, so
 * one with a limit begins safe; and an interlock only means something where "off" is safe.
 */
import * as z from 'zod';
import { isTimeZone } from '../../src/shared/local-time.ts';
import { outputValueSchema } from '../../src/shared/output.ts';
import { ruleSchema } from '../../src/shared/rule.ts';
import type { OutputPlan } from './output-machine.ts';

const DAY_MS = 86_400_000;
const id = ruleSchema.shape.id;

const common = {
  id,
  name: ruleSchema.shape.name,
  bus: id.meta({ title: 'Bus', description: 'That it is on.', refers: 'buses' }),
  inverted: z.boolean().default(false).meta({ description: 'A low line, or a coil that is off, means on.' }),
  safe: outputValueSchema.default(0).meta({
    title: 'Safe at',
    description: 'Where it is when nobody holds it: 0 is off, 1 is on.',
  }),
  onBoot: z.enum(['safe', 'hold', 'last']).default('safe').meta({
    title: 'After a start',
    description: 'Safe; as it is found; or as it was held last.',
  }),
  onLeaseEnd: z.enum(['safe', 'hold']).default('safe').meta({
    title: 'When nobody holds it any more',
    description: 'Safe, or as it is.',
  }),
  leaseMs: z.number().int().min(500).max(DAY_MS).default(10_000).meta({
    title: 'Held for',
    description: 'By a command that names no time; and how long it outlives the rule that held it.',
  }),
  minOffMs: z.number().int().min(0).max(DAY_MS).default(0).meta({ title: 'Off for at least' }),
  maxOnMs: z.number().int().min(100).max(DAY_MS).optional().meta({ title: 'On for at most' }),
};

const lineSchema = z.strictObject({
  ...common,
  kind: z.enum(['gpio', 'pwm']).meta({
    description: 'gpio: on or off. pwm: on for a share of each period, for heaters and slow fans.',
  }),
  line: z.number().int().min(0).max(1023).meta({ description: 'Its number on its chip: GPIO 17 is 17.' }),
  periodMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(100)
    .meta({ title: 'Period', description: 'Of a pwm output.' }),
});
export type LineOutput = z.infer<typeof lineSchema>;

const coilSchema = z.strictObject({
  ...common,
  kind: z.literal('modbus-coil').meta({
    description:
      'A coil of a Modbus slave. It keeps its last level without us: have the slave fall safe by itself where it can.',
  }),
  unit: z.number().int().min(1).max(255).meta({ description: 'Number of the slave on its bus.' }),
  coil: z.number().int().min(0).max(65_535).meta({ description: 'Counted from 0.' }),
});
export type CoilOutput = z.infer<typeof coilSchema>;

export const outputSchema = z.discriminatedUnion('kind', [lineSchema, coilSchema], {
  error: 'must be of a kind: gpio, pwm or modbus-coil',
});
export type OutputConfig = z.infer<typeof outputSchema>;

/** Where an output is: two of one place are one. */
export function placeOf(output: OutputConfig): string {
  return output.kind === 'modbus-coil'
    ? `coil ${output.coil} of unit ${output.unit} on ${output.bus}`
    : `line ${output.line} of ${output.bus}`;
}

const interlockSchema = z.strictObject({
  never: z
    .array(id.meta({ title: 'Output', refers: 'outputs' }))
    .min(2)
    .max(16)
    .meta({ title: 'Never on together', description: 'At most one of these is ever on.' }),
});
export type InterlockConfig = z.infer<typeof interlockSchema>;

/** What of a configuration document is about outputs and rules. */
export const outputSettings = {
  outputs: z.array(outputSchema).max(256).default([]),
  interlocks: z.array(interlockSchema).max(256).default([]),
  rules: z.array(ruleSchema).max(1000).default([]),
  timeZone: z
    .string()
    .max(80)
    .refine(isTimeZone, 'must be a time zone as Europe/Berlin')
    .optional()
    .meta({ description: 'Of the rules’ schedules, as Europe/Berlin; that of the machine unless told.' }),
};

export interface OutputSettings {
  outputs: readonly OutputConfig[];
  interlocks: readonly InterlockConfig[];
  rules: readonly z.infer<typeof ruleSchema>[];
  sensors?: readonly { id: string }[] | undefined;
}

/** Tells `issue` of everything that contradicts itself. */
export function checkOutputs(
  { outputs, interlocks, rules, sensors = [] }: OutputSettings,
  issue: (path: (string | number)[], message: string) => void,
): void {
  const byId = new Map(outputs.map((output) => [output.id, output]));
  const places = new Map<string, string>();
  const sensorIds = new Set(sensors.map((sensor) => sensor.id));
  const locked = new Set(interlocks.flatMap(({ never }) => never));
  for (const [i, output] of outputs.entries()) {
    const { id: own, safe, onBoot, maxOnMs, minOffMs, kind } = output;
    const path = (field: string) => ['outputs', i, field];
    const place = placeOf(output);
    const other = places.get(place);
    if (other !== undefined)
      issue(path(kind === 'modbus-coil' ? 'coil' : 'line'), `${place} is that of "${other}" already`);
    places.set(place, own);
    // each is a sensor on charts
    if (sensorIds.has(own)) issue(path('id'), `"${own}" is the id of a sensor already`);
    const isLimited = maxOnMs !== undefined || minOffMs > 0;
    if (kind !== 'pwm' && safe !== 0 && safe !== 1)
      issue(path('safe'), `must be 0 or 1 for a ${kind} output`);
    if (safe !== 0 && (isLimited || locked.has(own)))
      issue(path('safe'), 'must be 0 where a limit or an interlock has to hold');
    if (onBoot !== 'safe' && isLimited)
      issue(
        path('onBoot'),
        'must be safe with a limit: after a restart nobody knows for how long it has been on or off',
      );
  }
  for (const [i, { never }] of interlocks.entries())
    for (const [j, name] of never.entries()) {
      if (!byId.has(name)) issue(['interlocks', i, 'never', j], `there is no output "${name}"`);
      if (never.indexOf(name) !== j) issue(['interlocks', i, 'never', j], `"${name}" is named twice`);
    }
  const held = new Map<string, string>();
  for (const [i, { id: own, set }] of rules.entries()) {
    if (!set) continue;
    const output = byId.get(set.output);
    const path = ['rules', i, 'set', 'output'];
    if (!output) issue(path, `there is no output "${set.output}"`);
    else if (output.kind !== 'pwm' && !Number.isInteger(set.value ?? 1))
      issue(['rules', i, 'set', 'value'], `must be 0 or 1 for a ${output.kind} output`);
    const other = held.get(set.output);
    if (other !== undefined) issue(path, `rule "${other}" holds it already: one rule an output`);
    held.set(set.output, own);
  }
}

/** What the machine has to know. */
export function outputPlan(
  outputs: readonly OutputConfig[],
  interlocks: readonly InterlockConfig[],
): OutputPlan {
  return {
    outputs: outputs.map(({ maxOnMs, ...output }) => ({
      ...output,
      maxOnMs: maxOnMs ?? null,
      slow: output.kind === 'modbus-coil',
    })),
    interlocks: interlocks.map(({ never }) => never),
  };
}
