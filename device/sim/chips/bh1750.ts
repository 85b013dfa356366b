/** A BH1750FVI (ROHM data sheet): one-byte instructions, a two-byte measurement, nothing until it has measured once. */
import * as z from 'zod';
import type { Clock } from '../../../src/shared/time.ts';
import { clampRound, knobsSchema, waveSchema, World, type SimChip } from '../sim-chip.ts';

const schema = knobsSchema
  .extend({ light: waveSchema.default({ mean: 4000, swing: 4200, noise: 3, periodS: 86_400 }) })
  .strict();

/** Typical time of a measurement at 1 lx resolution, ms. */
const TYPICAL_MS = 120;

export function simBh1750(config: unknown, clock: Clock): SimChip {
  const { address, seed, unplugged, stuck, hanging, light }: z.infer<typeof schema> = schema.parse(config);
  const knobs = { unplugged, stuck, hanging };
  const world = new World({ light }, seed, clock, knobs);
  let powered = false;
  let readyAt = Number.POSITIVE_INFINITY;

  return {
    address,
    knobs,
    quantities: world.quantities,
    hold: (quantity, value) => world.hold(quantity, value),
    write(bytes) {
      const instruction = bytes[0];
      if (instruction === 0x00) powered = false;
      else if (instruction === 0x01) powered = true;
      else if (instruction === 0x10 && powered) readyAt = clock.monotonic() + TYPICAL_MS;
      if (!powered) readyAt = Number.POSITIVE_INFINITY;
    },
    read(length) {
      const measured = clock.monotonic() >= readyAt;
      const raw = measured ? clampRound(world.now('light') * 1.2, 0, 0xffff) : 0;
      return Uint8Array.from({ length }, (_, i) => [raw >> 8, raw & 0xff][i] ?? 0xff);
    },
  };
}
