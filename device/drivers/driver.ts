/**
 * The contract of a driver: what a kind of sensor measures, and how to ask it.
 * Owns: declarations and the conversation with one chip. Refuses: clocks of readings, quality, schedules, retries:
 * the sensor actor has them. One folder a chip, one line in catalog.ts.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { Quantity } from '../../src/shared/quantity.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { AnyBus } from '../bus/any-bus.ts';
import type { Bus } from '../bus/bus.ts';
import type { Machine } from '../platform/machine.ts';

/** One number that a sensor gives. */
export interface ChannelDeclaration {
  /** Stable name within the sensor. */
  channel: string;
  quantity: Quantity;
  /** Decimals that mean something, 0 to 9. */
  decimals: number;
  /** Smallest and largest value to believe, in the quantity's unit; outside it a reading is `suspect`. */
  plausible: readonly [low: number, high: number];
  /**
   * For a channel whose last digit is never still on a living chip: after how long without any change its readings are
   * `suspect`, ms. Left out where the measured thing can stand still.
   */
  restlessMs?: number;
}

/** What a driver works with. */
export interface DriverContext {
  /** The configured bus, null where the driver needs none. */
  bus: AnyBus | null;
  /** The configured address, else the driver's first. */
  address: number;
  /** `options` of the sensor in the configuration, unchecked. */
  options: Readonly<Record<string, unknown>>;
  /** How often it is asked, ms. Default: as the driver wants to be. */
  periodMs?: number;
  machine: Machine;
  clock: Clock;
  /** Last good value of another sensor of the same host (`air`, `humidity`), null when there is none of late. */
  latest?: (sensor: string, channel: string) => number | null;
}

/** A sensor that has been set up. */
export interface OpenSensor {
  /**
   * Asks once and writes one value a declared channel into `values`, in declared order; NaN where one channel alone has
   * none. `quality` comes filled with `ok`; a driver that knows better of a value writes `stale` (measured before the
   * last asking) or `suspect` at its place (qualityByte).
   * Throws or rejects with a MusterError when there is no answer to believe; never writes a made-up value.
   */
  read(values: Float64Array, quality: Uint8Array): void | Promise<void>;
  /** Gives back what only one may hold. Called once, when nobody will read any more. */
  close?(): void;
}

/** A harmless question whose answer tells a kind of chip from others at its address. */
export interface Identity {
  ask: Uint8Array;
  /** Ms that the chip takes for its answer. Default: none, asked with a repeated START. */
  waitMs?: number;
  length: number;
  is(reply: Uint8Array): boolean;
}

/** A kind of sensor. */
export interface Driver {
  /** Name in the configuration. */
  id: string;
  /** What a person calls it. */
  title: string;
  /** Where it hangs: a bus named in the configuration, or the machine itself. */
  bus: AnyBus['kind'] | 'machine';
  /** Addresses the chip can have, the usual one first; empty without a bus. */
  addresses: readonly number[];
  /** On 1-Wire: the family code of its chip as the kernel writes it, `28`. */
  family?: string;
  /** How the chip is told from others; left out where it has nothing to tell it by. */
  identity?: Identity;
  /** How often to ask unless the configuration says otherwise, ms. */
  periodMs: number;
  /** How long a reading may take, ms; a second unless told. For what shares a slow line with others. */
  patienceMs?: number;
  /** Channels it will give. A chip's are fixed; a system driver looks at the machine. Throws a MusterError if it cannot. */
  channels(context: Pick<DriverContext, 'machine' | 'options'>): readonly ChannelDeclaration[];
  /** Sets the sensor up. Rejects with a MusterError when it is not there or is something else. */
  open(context: DriverContext): Promise<OpenSensor>;
}

/** The bus of a context where it is of the kind that a driver needs. Throws CONFIG_INVALID when it is of another. */
export function needBus<K extends AnyBus['kind']>(
  { bus }: Pick<DriverContext, 'bus'>,
  kind: K,
): Extract<AnyBus, { kind: K }> {
  if (bus?.kind === kind) return bus as Extract<AnyBus, { kind: K }>;
  const found = bus ? `bus ${bus.id} is ${bus.kind}` : 'it has none';
  throw new MusterError('CONFIG_INVALID', `the driver needs a bus of kind ${kind}, and ${found}`, {
    bus: bus?.id ?? null,
  });
}

/** Asks the chip at `address` who it is. Rejects as the bus does. */
export async function askIdentity(
  bus: Bus,
  address: number,
  { ask, waitMs, length }: Identity,
  clock: Clock,
): Promise<Uint8Array> {
  if (waitMs === undefined) return bus.writeRead(address, ask, length);
  await bus.write(address, ask);
  await wait(clock, waitMs);
  return bus.read(address, length);
}

/** Makes sure that the chip at the context's address is the driver's. Rejects with CHIP_UNEXPECTED, or as the bus does. */
export async function expectChip(
  context: DriverContext,
  { title, identity }: Pick<Driver, 'title' | 'identity'>,
): Promise<void> {
  if (!identity) return;
  const bus = needBus(context, 'i2c');
  const reply = await askIdentity(bus, context.address, identity, context.clock);
  if (!identity.is(reply)) throw unexpected(bus, context.address, title, reply);
}

/** Another kind of chip answers; `reply`: what it said. */
export function unexpected(bus: Bus, address: number, title: string, reply: Uint8Array): MusterError {
  const said = Buffer.from(reply).toString('hex');
  return new MusterError('CHIP_UNEXPECTED', `the chip there says 0x${said}, which is no ${title}`, {
    bus: bus.id,
    address,
  });
}

/** Waits `ms` on the context's clock: a chip's conversion time. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
