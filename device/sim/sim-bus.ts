/**
 * A simulated bus: chips at register level under the same interface as a real one, so that a driver cannot tell.
 * Owns: addressing and the fault knobs. Refuses: to know a driver. Made by the sensors' bus registry, or by a test.
 */
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import { nack, type Bus } from '../bus/bus.ts';
import { simBh1750 } from './chips/bh1750.ts';
import { simBme280 } from './chips/bme280.ts';
import { simTmp102 } from './chips/tmp102.ts';
import type { SimChip } from './sim-chip.ts';

const CHIPS: Record<string, (config: unknown, clock: Clock) => SimChip> = {
  bh1750: simBh1750,
  bme280: simBme280,
  tmp102: simTmp102,
};

/** A bus with its chips at hand, for tests and the demo to disturb. */
export interface SimBus extends Bus {
  chip(address: number): SimChip | undefined;
}

/** Makes a bus of `chips` as configured. Throws CONFIG_INVALID naming the chip or knob that is not known. */
export function createSimBus(
  id: string,
  chips: readonly { chip: string; address: number }[],
  clock: Clock,
): SimBus {
  const byAddress = new Map<number, SimChip>();
  for (const [i, config] of chips.entries()) {
    const path = `buses.${id}.chips.${i}`;
    const make = Object.hasOwn(CHIPS, config.chip) ? CHIPS[config.chip] : undefined;
    if (!make) {
      const known = Object.keys(CHIPS).join(', ');
      throw new MusterError(
        'CONFIG_INVALID',
        `${path}.chip: there is no simulated ${config.chip}; known: ${known}`,
        {
          path: `${path}.chip`,
        },
      );
    }
    if (byAddress.has(config.address))
      throw new MusterError('CONFIG_INVALID', `${path}.address: two chips at one address`, { path });
    byAddress.set(
      config.address,
      checked(path, () => make(config, clock)),
    );
  }

  async function at(address: number): Promise<SimChip> {
    const chip = byAddress.get(address);
    if (!chip || chip.knobs.unplugged) throw nack(id, address);
    if (chip.knobs.hanging) await new Promise<never>(() => {});
    return chip;
  }

  return {
    id,
    chip: (address) => byAddress.get(address),
    async write(address, bytes) {
      (await at(address)).write(bytes);
    },
    async read(address, length) {
      return (await at(address)).read(length);
    },
    async writeRead(address, bytes, length) {
      const chip = await at(address);
      chip.write(bytes);
      return chip.read(length);
    },
  };
}

function checked(path: string, make: () => SimChip): SimChip {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const issue = cause.issues[0];
    const where = [path, ...(issue?.path ?? [])].join('.');
    throw new MusterError(
      'CONFIG_INVALID',
      `${where}: ${issue?.message ?? 'invalid'}`,
      { path: where },
      cause,
    );
  }
}
