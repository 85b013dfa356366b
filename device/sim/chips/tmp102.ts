/** A TMP102 at register level (SBOS397, section 7.5): pointer, temperature, configuration. Limits are kept, not acted on. */
import * as z from 'zod';
import type { Clock } from '../../../src/shared/time.ts';
import { clampRound, knobsSchema, waveSchema, World, type SimChip } from '../sim-chip.ts';

const schema = knobsSchema
  .extend({ temperature: waveSchema.default({ mean: 20, swing: 5, noise: 0.05, periodS: 86_400 }) })
  .strict();

export function simTmp102(config: unknown, clock: Clock): SimChip {
  const { address, seed, unplugged, stuck, hanging, temperature }: z.infer<typeof schema> =
    schema.parse(config);
  const knobs = { unplugged, stuck, hanging };
  const world = new World({ temperature }, seed, clock, knobs);
  const writable = new Map([
    [0x01, [0x60, 0xa0]],
    [0x02, [0x4b, 0x00]],
    [0x03, [0x50, 0x00]],
  ]);
  let pointer = 0;

  function register(): number[] {
    if (pointer !== 0) return writable.get(pointer) ?? [0xff, 0xff];
    const raw = clampRound(world.now('temperature') / 0.0625, -2048, 2047) & 0xfff;
    return [raw >> 4, (raw << 4) & 0xff];
  }

  return {
    address,
    knobs,
    quantities: world.quantities,
    hold: (quantity, value) => world.hold(quantity, value),
    write(bytes) {
      pointer = (bytes[0] ?? 0) & 0x03;
      if (bytes.length < 3) return;
      const [, high = 0, low = 0] = bytes;
      // R1 and R0 of the configuration are read-only and always ones
      if (pointer === 0x01) writable.set(pointer, [high | 0x60, low]);
      else if (pointer !== 0) writable.set(pointer, [high, low]);
    },
    read(length) {
      const bytes = register();
      return Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0xff);
    },
  };
}
