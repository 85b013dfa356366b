/**
 * The contract of a driver: what a kind of sensor measures, and how to ask it.
 * Owns: declarations and the conversation with one chip. Refuses: clocks of readings, quality, schedules, retries:
 * the sensor actor has them. One folder a chip, one line in catalog.ts.
 */
import type { Quantity } from '../../src/shared/quantity.ts';
import type { Clock } from '../../src/shared/time.ts';
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
}

/** What a driver works with. */
export interface DriverContext {
  /** The configured bus, null where the driver needs none. */
  bus: Bus | null;
  /** The configured address, else the driver's first. */
  address: number;
  /** `options` of the sensor in the configuration, unchecked. */
  options: Readonly<Record<string, unknown>>;
  machine: Machine;
  clock: Clock;
}

/** A sensor that has been set up. */
export interface OpenSensor {
  /**
   * Asks once and writes one value a declared channel into `values`, in declared order.
   * Throws or rejects with a MusterError when there is no answer to believe; never writes a made-up value.
   */
  read(values: Float64Array): void | Promise<void>;
}

/** A kind of sensor. */
export interface Driver {
  /** Name in the configuration. */
  id: string;
  /** What a person calls it. */
  title: string;
  /** Where it hangs: a bus named in the configuration, or the machine itself. */
  bus: 'i2c' | 'machine';
  /** Addresses the chip can have, the usual one first; empty without a bus. */
  addresses: readonly number[];
  /** How often to ask unless the configuration says otherwise, ms. */
  periodMs: number;
  /** Channels it will give. A chip's are fixed; a system driver looks at the machine. Throws a MusterError if it cannot. */
  channels(context: Pick<DriverContext, 'machine' | 'options'>): readonly ChannelDeclaration[];
  /** Sets the sensor up. Rejects with a MusterError when it is not there or is something else. */
  open(context: DriverContext): Promise<OpenSensor>;
}

/** The bus of a context for a driver that needs one; the sensor actor has refused a missing one before. */
export function needBus(context: DriverContext): Bus {
  if (!context.bus) throw new TypeError('this driver needs a bus');
  return context.bus;
}

/** Waits `ms` on the context's clock: a chip's conversion time. */
export function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
