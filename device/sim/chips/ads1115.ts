/** An ADS1115 at register level (Texas Instruments SBAS444): single shots, one at a time, at its own pace. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const FULL_SCALE = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256];
const PAIRS = [
  [0, 1],
  [0, 3],
  [1, 3],
  [2, 3],
];
const RATES = [8, 16, 32, 64, 128, 250, 475, 860];
const quiet = { mean: 1.6, swing: 1.2, noise: 0.001 };

export const simAds1115 = defineChip<I2cFace>(
  { a0: quiet, a1: quiet, a2: quiet, a3: quiet },
  (world, clock) => {
    let configuration = 0x0583;
    let doneAt = 0;
    let conversion = 0;

    function settle(): void {
      if (doneAt === 0 || clock.monotonic() < doneAt) return;
      doneAt = 0;
      const mux = (configuration >> 12) & 0x07;
      const [plus = 0, minus] = PAIRS[mux] ?? [mux - 4];
      const volts = world.now(`a${plus}`) - (minus === undefined ? 0 : world.now(`a${minus}`));
      const fullScale = FULL_SCALE[(configuration >> 9) & 0x07] ?? 0.256;
      conversion = clampRound((volts / fullScale) * 32_768, -32_768, 32_767) & 0xffff;
    }

    const file = registerFile({
      mask: 0x03,
      fixed: {
        0x00() {
          settle();
          return conversion;
        },
        0x01() {
          settle();
          return configuration | (doneAt === 0 ? 0x8000 : 0);
        },
      },
      writable: {
        0x01: { reset: 0x8583 },
        0x02: { reset: 0x8000 },
        0x03: { reset: 0x7fff },
      },
      onWrite(register, value) {
        if (register !== 0x01) return;
        configuration = value & 0x7fff;
        if (value & 0x8000) doneAt = clock.monotonic() + 1000 / (RATES[(value >> 5) & 0x07] ?? 128);
      },
    });
    return file;
  },
);
