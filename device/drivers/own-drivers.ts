/**
 * A team's own drivers: modules that a firmware brings as `drivers/<id>.mjs` beside the daemon's program. Loaded in
 * hosts, never in the root. Owns: finding, loading, and checking their shape, for they were compiled elsewhere.
 * Refuses: to let one stand in for a driver of ours, and to fail for more than its own sensors: a module that cannot be
 * used becomes a driver whose sensors fail with the reason.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { QUANTITIES } from '../../src/shared/quantity.ts';
import type { Clock } from '../../src/shared/time.ts';
import { CATALOG } from './catalog.ts';
import type { ChannelDeclaration, Driver } from './driver.ts';

/** A module that has not loaded by then is given up, ms. One that loops is the watch's business. */
const LOAD_MS = 10_000;
const SUFFIX = '.mjs';

const functionSchema = z.custom((value) => typeof value === 'function', 'must be a function');
const driverSchema = z.looseObject({
  id: z.string(),
  title: z.string().min(1).max(80),
  bus: z.enum(['i2c', 'spi', 'w1', 'gpio', 'serial', 'modbus', 'mqtt', 'machine']) satisfies z.ZodType<
    Driver['bus']
  >,
  addresses: z.array(z.number().int()),
  periodMs: z.number().min(10),
  channels: functionSchema,
  open: functionSchema,
});

const channelsSchema = z.array(
  z.looseObject({
    channel: z.string().min(1).max(80),
    quantity: z.enum(Object.keys(QUANTITIES) as [string, ...string[]]),
    decimals: z.number().int().min(0).max(9),
    plausible: z.tuple([z.number(), z.number()]),
  }),
);

/** The driver `id` of `folder`; null when there is no such file. Never rejects: see above. */
export async function ownDriver(folder: string, id: string, clock: Clock): Promise<Driver | null> {
  if (!existsSync(join(folder, `${id}${SUFFIX}`))) return null;
  const loaded = await load(folder, id, clock);
  return loaded instanceof MusterError ? broken(id, loaded) : loaded;
}

/** All drivers of `folder`, and why the others cannot be used: the check of a firmware before it is built. */
export async function loadOwnDrivers(
  folder: string,
  clock: Clock,
): Promise<{ drivers: Driver[]; problems: MusterError[] }> {
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const drivers: Driver[] = [];
  const problems: MusterError[] = [];
  for (const name of names.filter((file) => file.endsWith(SUFFIX))) {
    const id = name.slice(0, -SUFFIX.length);
    const ours = CATALOG.some((driver) => driver.id === id);
    const loaded = ours
      ? unusable(id, 'a driver of Muster has that name already')
      : await load(folder, id, clock);
    if (loaded instanceof MusterError) problems.push(loaded);
    else drivers.push(loaded);
  }
  return { drivers, problems };
}

async function load(folder: string, id: string, clock: Clock): Promise<Driver | MusterError> {
  try {
    const path = join(folder, `${id}${SUFFIX}`);
    const { default: driver } = await inTime(import(pathToFileURL(path).href), clock);
    const checked = driverSchema.safeParse(driver);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      return unusable(id, `its default export: ${[issue?.path.join('.'), issue?.message].join(' ').trim()}`);
    }
    if (checked.data.id !== id) return unusable(id, `it calls itself ${checked.data.id}`);
    return guarded(driver as Driver);
  } catch (thrown) {
    return unusable(id, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function inTime<T>(loading: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(LOAD_MS, () => reject(new Error(`it did not load within ${LOAD_MS} ms`)));
    loading.then(resolve, reject).finally(cancel);
  });
}

/**
 * The same driver, its channels checked, and its errors ours: the module brings a copy of MusterError in its bundle,
 * and what the sensor actor does not know as one it takes for a crash.
 */
function guarded(driver: Driver): Driver {
  return {
    ...driver,
    channels: (context) =>
      checkedChannels(
        driver.id,
        asOurs(() => driver.channels(context)),
      ),
    async open(context) {
      const sensor = await driver.open(context).catch(rethrowAsOurs);
      return {
        read: (values, quality) => asOurs(() => sensor.read(values, quality)?.catch(rethrowAsOurs)),
        close: () => sensor.close?.(),
      };
    },
  };
}

function checkedChannels(id: string, channels: unknown): readonly ChannelDeclaration[] {
  const parsed = channelsSchema.safeParse(channels);
  if (parsed.success) return channels as readonly ChannelDeclaration[];
  const [issue] = parsed.error.issues;
  throw unusable(id, `channels.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as they should be'}`);
}

function asOurs<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    return rethrowAsOurs(thrown);
  }
}

function rethrowAsOurs(thrown: unknown): never {
  throw thrown instanceof Error && thrown.name === 'MusterError' ? toMusterError(thrown) : thrown;
}

/** Stands for a driver that cannot be used: its sensors fail, in words. */
function broken(id: string, error: MusterError): Driver {
  return {
    id,
    title: id,
    bus: 'machine',
    addresses: [],
    periodMs: 1000,
    channels: () => [],
    open: () => Promise.reject(error),
  };
}

function unusable(id: string, why: string, cause?: unknown): MusterError {
  const reason = why.slice(0, 300);
  return new MusterError('DRIVER_BROKEN', `the driver ${id}: ${reason}`, { driver: id, reason }, cause);
}
