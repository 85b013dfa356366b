/**
 * A VEML7700 at register level (Vishay 84286): a count of the light by gain and integration time. It falls behind in
 * bright light as the application note (84323) says; the note's polynomial is turned round here.
 */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const GAIN = [1, 2, 1 / 8, 1 / 4];
const INTEGRATION_MS: Readonly<Record<number, number>> = { 12: 25, 8: 50, 0: 100, 1: 200, 2: 400, 3: 800 };
const FINEST = 0.0042;

function truth(seen: number): number {
  return seen * (1.0023 + seen * (8.1488e-5 + seen * (-9.3924e-9 + seen * 6.0135e-13)));
}

/** What the sensor seems to see in `lux`. */
function seen(lux: number): number {
  let [low, high] = [0, 40_000];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (truth(middle) < lux) low = middle;
    else high = middle;
  }
  return low;
}

export const simVeml7700 = defineChip<I2cFace>(
  { light: { mean: 4000, swing: 4200, noise: 3 } },
  (world, clock) => {
    let configuration = 0x0001;
    let changedAt = 0;
    let count = 0;
    let countedAt = Number.NEGATIVE_INFINITY;
    return registerFile({
      mask: 0x07,
      fixed: {
        0x04() {
          const gain = GAIN[(configuration >> 11) & 0x03] ?? 1;
          const integration = INTEGRATION_MS[(configuration >> 6) & 0x0f] ?? 100;
          const now = clock.monotonic();
          const isOver = now - changedAt >= integration && now - countedAt >= integration;
          if (!(configuration & 1) && isOver) {
            count = clampRound(
              seen(world.now('light')) / (FINEST * (2 / gain) * (800 / integration)),
              0,
              0xffff,
            );
            countedAt = now;
          }
          return count;
        },
        0x07: () => 0xc481,
      },
      writable: { 0x00: { reset: 0x0001 }, 0x01: { reset: 0 }, 0x02: { reset: 0 }, 0x03: { reset: 0 } },
      onWrite(register, value) {
        if (register !== 0x00) return;
        configuration = value;
        changedAt = clock.monotonic();
        countedAt = Number.NEGATIVE_INFINITY;
      },
      littleEndian: true,
    });
  },
);
