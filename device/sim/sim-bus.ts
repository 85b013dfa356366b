/**
 * A simulated I2C bus: chips at register level under the same interface as a real one, so that a driver cannot tell.
 * Owns: addressing and the fault knobs. Refuses: to know a driver. Made by the sensors' bus registry, or by a test.
 */
import type { Clock } from '../../src/shared/time.ts';
import { nack, type Bus } from '../bus/bus.ts';
import { I2C_CHIPS } from './chips.ts';
import { plugIn, wrong, type ChipConfig } from './plug.ts';
import { NotAcknowledged, overTheWire, type SimChip } from './sim-chip.ts';

/** A bus with its chips at hand, for tests and the demo to disturb. */
export interface SimBus extends Bus {
  chip(address: number): SimChip | undefined;
}

/**
 * Makes a bus of `chips` as configured; `makers`: the kinds there are, ours unless a test brings its own.
 * Throws CONFIG_INVALID naming the chip or knob that is not known.
 */
export function createSimBus(
  id: string,
  chips: readonly ChipConfig[],
  clock: Clock,
  makers: typeof I2C_CHIPS = I2C_CHIPS,
): SimBus {
  const byAddress = new Map<number, SimChip>();
  plugIn(id, chips, makers, (make, config, path) => {
    const { address } = config;
    if (address === undefined) throw wrong(`${path}.address`, 'a chip on an I2C bus has one');
    if (byAddress.has(address)) throw wrong(`${path}.address`, 'two chips at one address');
    byAddress.set(address, make(config, clock));
  });
  /** Bytes that the chip at an address had to acknowledge so far. */
  const acknowledged = new Map<SimChip, number>();

  function plugged(address: number): SimChip {
    const chip = byAddress.get(address);
    if (!chip || chip.knobs.unplugged) throw nack(id, address);
    return chip;
  }

  /** The chip acknowledges its address and `bytes` more, or not. */
  function acknowledge(chip: SimChip, address: number, bytes: number): void {
    const before = acknowledged.get(chip) ?? 0;
    const every = chip.knobs.nackEvery;
    const fails = every > 0 && Math.floor((before + 1 + bytes) / every) > Math.floor(before / every);
    acknowledged.set(chip, fails ? 0 : before + 1 + bytes);
    if (fails) throw nack(id, address);
  }

  function take(chip: SimChip, address: number, bytes: Uint8Array): void {
    acknowledge(chip, address, bytes.length);
    try {
      chip.write(bytes);
    } catch (error) {
      throw error instanceof NotAcknowledged ? nack(id, address) : error;
    }
  }

  function give(chip: SimChip, address: number, length: number): Uint8Array {
    acknowledge(chip, address, 0);
    try {
      return overTheWire(chip.read(length), length, chip.knobs);
    } catch (error) {
      throw error instanceof NotAcknowledged ? nack(id, address) : error;
    }
  }

  async function at(address: number): Promise<SimChip> {
    const chip = plugged(address);
    if (chip.knobs.hanging) await new Promise<never>(() => {});
    return chip;
  }

  async function write(address: number, bytes: Uint8Array): Promise<void> {
    take(await at(address), address, bytes);
  }

  async function read(address: number, length: number): Promise<Uint8Array> {
    return give(await at(address), address, length);
  }

  return {
    kind: 'i2c',
    id,
    chip: (address) => byAddress.get(address),
    write,
    read,
    async writeRead(address, bytes, length) {
      const chip = await at(address);
      // nobody comes in between
      take(chip, address, bytes);
      return give(chip, address, length);
    },
    writeReadNow(address, bytes, length) {
      const chip = plugged(address);
      if (chip.knobs.hanging) return null;
      take(chip, address, bytes);
      return give(chip, address, length);
    },
  };
}
