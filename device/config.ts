/**
 * The device's configuration: one YAML document, checked before anything starts.
 * Owns: its shape, its defaults, the words of its errors. Refuses: to know which drivers and chips exist; a sensor
 * that names what is not there becomes a failing sensor, and the others run. Called by main and, for tests, by all.
 */
import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import type { ConfigurationProblem } from '../src/shared/device-configuration-calls.ts';
import { MusterError } from '../src/shared/errors.ts';
import { CONFIG_VERSION } from '../src/shared/firmware.ts';
import { busSchema } from './bus/bus-config.ts';
import { address, hostMode, id, memoryMb, title } from './config-fields.ts';
import { checkOutputs, outputSettings } from './outputs/output-config.ts';
import { publishersSchema } from './publish/publish-config.ts';

const point = z.tuple([
  z.number().meta({ title: 'Sensor said' }),
  z.number().meta({ title: 'Reference said' }),
]);
/** Corrects one channel: `scale` and `offset`, or the two points that make them. */
const calibrationSchema = z
  .strictObject({
    channel: title.meta({ refers: 'channels' }),
    by: title.meta({ title: 'Measured by', fill: 'person' }),
    at: z
      .union([z.iso.date(), z.iso.datetime({ offset: true })])
      .meta({ title: 'Measured on', description: 'A day as 2026-05-03.', fill: 'day' }),
    offset: z
      .number()
      .optional()
      .meta({ description: 'Added to what the sensor says, in the unit of the channel.' }),
    scale: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'What the sensor says is multiplied by this first.' }),
    points: z.tuple([point, point]).optional().meta({
      title: 'Two points',
      description: 'Instead of offset and scale: twice what the sensor said and what a reference said.',
    }),
  })
  .refine(
    ({ points, offset, scale }) => (points === undefined) !== (offset === undefined && scale === undefined),
    {
      message: 'needs either points, or offset or scale',
    },
  )
  // a line without a slope would leave no way back to what the sensor said
  .refine(({ points }) => !points || (points[0][0] !== points[1][0] && points[0][1] !== points[1][1]), {
    path: ['points'],
    message: 'must be two different readings of the sensor, and of the reference',
  });
export type CalibrationConfig = z.infer<typeof calibrationSchema>;

const sensorSchema = z.strictObject({
  id,
  name: title.optional(),
  driver: id.meta({
    title: 'Driver',
    description: 'The kind of chip, by the name of its driver.',
    refers: 'drivers',
  }),
  bus: id.optional().meta({ title: 'Bus', refers: 'buses' }),
  address: address.optional(),
  periodMs: z
    .number()
    .min(10)
    .max(86_400_000)
    .optional()
    .meta({ title: 'Reads every', description: 'As its driver has it unless told.' }),
  options: z
    .record(z.string().max(60), z.unknown())
    .default({})
    .meta({ description: 'What only this driver wants; its README tells.' }),
  calibration: z
    .array(calibrationSchema)
    .max(100)
    .refine((rows) => new Set(rows.map(({ channel }) => channel)).size === rows.length, {
      message: 'names a channel twice',
    })
    .optional()
    .meta({ description: 'One entry for a channel at most; without one it is as the chip says.' }),
});
export type SensorConfig = z.infer<typeof sensorSchema>;

const announceSchema = z.strictObject({
  by: z.enum(['avahi', 'self', 'none']).default('none').meta({
    title: 'Announced by',
    description: 'avahi-daemon, by a service file of the installer; this daemon itself; or nobody.',
  }),
  sshPort: z.number().int().min(1).max(65_535).default(22).meta({
    title: 'SSH port',
    description: 'Of the SSH server that leads to this daemon.',
  }),
  name: title.optional().meta({ title: 'Announced as', description: 'The name of the device unless told.' }),
});

const hostsSchema = z
  .strictObject({
    mode: hostMode.default('process'),
    memoryMb: memoryMb.default(160),
    heartbeatMs: z.number().int().min(20).max(10_000).default(100).meta({ title: 'Sign of life every' }),
    allowanceMs: z.number().int().min(100).max(60_000).default(400).meta({
      title: 'Longest silence',
      description: 'Then the host is ended, and the sensor that ran is named.',
    }),
    intensity: z.number().int().min(0).max(100).default(2).meta({
      title: 'Ends in a minute',
      description: 'How often in a minute a sensor may bring its host down before it is left out.',
    }),
    retryMs: z.number().int().min(1000).max(86_400_000).default(60_000).meta({
      title: 'Tried again after',
      description: 'When a sensor that was left out is tried again.',
    }),
  })
  .refine(({ heartbeatMs, allowanceMs }) => allowanceMs >= 2 * heartbeatMs, {
    path: ['allowanceMs'],
    message: 'must be at least twice heartbeatMs',
  });

/** How firmware on trial proves itself (device/firmware/trial-machine.ts). */
const firmwareSchema = z
  .strictObject({
    trialMs: z.number().int().min(1000).max(3_600_000).default(360_000).meta({ title: 'Longest trial' }),
    graceMs: z.number().int().min(0).max(3_600_000).default(300_000).meta({
      title: 'Without a laptop',
      description: 'A trial that no laptop has seen is passed after so long, if it is healthy.',
    }),
    steadyMs: z.number().int().min(100).max(600_000).default(20_000).meta({
      title: 'Healthy for',
      description: 'How long it has to be healthy without a break.',
    }),
    settleMs: z.number().int().min(500).max(600_000).default(60_000).meta({
      title: 'Time to settle',
      description: 'How long it may be anything else.',
    }),
    starts: z.number().int().min(1).max(10).default(2).meta({
      description: 'How many it has: one that ends by itself is a start spent.',
    }),
  })
  .refine(({ trialMs, graceMs, steadyMs }) => trialMs >= graceMs + steadyMs, {
    path: ['trialMs'],
    message: 'must be at least graceMs and steadyMs together',
  });

const MiB = 1024 * 1024;
const journalSchema = z.strictObject({
  maxBytes: z
    .number()
    .int()
    .min(MiB)
    .max(1024 * 1024 * MiB)
    .default(256 * MiB)
    .meta({ title: 'Largest journal', description: 'Beyond that the oldest readings go first.' }),
  flushMs: z.number().int().min(20).max(60_000).default(250).meta({
    title: 'Written every, with a laptop',
    description: 'How long readings wait for the card while somebody looks at them.',
  }),
  idleFlushMs: z.number().int().min(20).max(60_000).default(5000).meta({
    title: 'Written every, alone',
    description: 'How long readings wait for the card while nobody does: a power cut may lose so much.',
  }),
});

const configSchema = z
  .strictObject({
    version: z.literal(CONFIG_VERSION),
    name: title.optional().meta({ description: 'What people call the device; its host name unless told.' }),
    announce: announceSchema.prefault({}).meta({ title: 'Announcement' }),
    journal: journalSchema.prefault({}),
    hosts: hostsSchema.prefault({}).meta({ title: 'Processes of drivers' }),
    firmware: firmwareSchema.prefault({}).meta({ title: 'Firmware on trial' }),
    buses: z.array(busSchema).max(64).default([]),
    sensors: z.array(sensorSchema).max(100_000).optional().meta({
      description: 'Without a list: what the machine offers by itself, as its load and its temperature.',
    }),
    ...outputSettings,
    publishers: publishersSchema,
  })
  .superRefine((config, context) => {
    const { buses, sensors = [], outputs, rules, publishers } = config;
    for (const [key, rows] of [
      ['buses', buses],
      ['sensors', sensors],
      ['outputs', outputs],
      ['rules', rules],
      ['publishers', publishers],
    ] as const) {
      const seen = new Set<string>();
      for (const [i, row] of rows.entries()) {
        if (seen.has(row.id))
          context.addIssue({ code: 'custom', path: [key, i, 'id'], message: `"${row.id}" is used twice` });
        seen.add(row.id);
      }
    }
    checkOutputs(config, (path, message) => context.addIssue({ code: 'custom', path, message }));
  });
export type Config = z.infer<typeof configSchema>;

/** A configuration document of more characters than this is refused unread. */
const MAX_CHARS = 16 * MiB;
/** Issues named in one error; the rest are counted. */
const NAMED_ISSUES = 5;

/** A document as far as it could be read. */
export interface ReadDocument {
  /** Null when something is wrong with it. */
  config: Config | null;
  problems: ConfigurationProblem[];
  /** Line on which what stands at a path begins, or what it would be in; null for the whole. */
  lineOf: (path: readonly PropertyKey[]) => number | null;
}

/** Reads a configuration text. An empty text is the default configuration. */
export function readDocument(text: string): ReadDocument {
  const broken = (message: string, line: number | null = null): ReadDocument => ({
    config: null,
    problems: [{ line, path: '', message }],
    lineOf: () => null,
  });
  if (text.length > MAX_CHARS) return broken(`is over ${MAX_CHARS} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return broken(`column ${col}: ${error.message.split('\n')[0]}`, line);
  }
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 }) ?? { version: 1 };
  } catch {
    return broken('has too many aliases');
  }
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    // what is missing has no line: then where it should be
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return null;
  };
  const result = configSchema.safeParse(plain, { error: plainly });
  if (result.success) return { config: result.data, problems: [], lineOf };
  const problems = result.error.issues.map(({ path, message }) => ({
    line: lineOf(path),
    path: path.map(String).join('.'),
    message,
  }));
  return { config: null, problems, lineOf };
}

/** Words for what the schema itself has none for; undefined: zod's own. */
function plainly(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing';
    return `must be ${KINDS[issue.expected] ?? `a ${issue.expected}`}`;
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const [word, bound] =
      issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
    const unit = issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' entries' : '';
    return `must be ${issue.inclusive === false ? 'beyond' : word} ${bound}${unit}`;
  }
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => `"${key}"`).join(', ')} is not known here`;
  return undefined;
}

const KINDS: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
};

/** As readDocument; throws CONFIG_INVALID {path, line} naming the first few wrong paths, and where they stand. */
export function parseConfig(text: string): Config {
  const { config, problems } = readDocument(text);
  if (config) return config;
  const named = problems.slice(0, NAMED_ISSUES).map(problemText);
  if (problems.length > NAMED_ISSUES) named.push(`and ${problems.length - NAMED_ISSUES} more`);
  const { path = '', line = null } = problems[0] ?? {};
  throw new MusterError('CONFIG_INVALID', named.join('; '), { path, line });
}

/** One problem in a line. */
export function problemText({ line, path, message }: ConfigurationProblem): string {
  return `${path || 'the document'}${line === null ? '' : ` (line ${line})`}: ${message}`;
}

/** JSON schema of the document, for editors and forms. */
export function configurationSchema(): string {
  return JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), null, 2);
}
