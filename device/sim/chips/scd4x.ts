/** An SCD4x (Sensirion SCD4x data sheet, section 3.5): a measurement every five seconds, other commands while idle. */
import { humidityWord, sensirion, temperatureWord } from '../sensirion.ts';
import { clampRound, defineChip, NotAcknowledged, type I2cFace } from '../sim-chip.ts';

const INTERVAL_MS = 5000;

export const simScd4x = defineChip<I2cFace>(
  {
    co2: { mean: 620, swing: 180, noise: 6 },
    temperature: { mean: 21, swing: 2, noise: 0.03 },
    humidity: { mean: 48, swing: 8, noise: 0.1 },
  },
  (world, clock) => {
    /** When the measurements began; null while idle. */
    let since: number | null = null;
    /** Measurements that were read, or missed. */
    let taken = 0;
    const made = () => (since === null ? 0 : Math.floor((clock.monotonic() - since) / INTERVAL_MS));

    return sensirion(
      {
        0x21b1: {
          afterMs: 0,
          answer() {
            since = clock.monotonic();
            taken = 0;
            return [];
          },
        },
        0x3f86: {
          afterMs: 0,
          answer() {
            since = null;
            return [];
          },
        },
        0xe4b8: { afterMs: 1, answer: () => [made() > taken ? 0x8006 : 0x8000] },
        0xec05: {
          afterMs: 1,
          answer() {
            if (made() <= taken) return [];
            taken = made();
            return [clampRound(world.now('co2'), 0, 65_535), temperatureWord(world), humidityWord(world)];
          },
        },
        0x3682: {
          afterMs: 1,
          answer() {
            if (since !== null) throw new NotAcknowledged();
            return [0xf896, 0x31f0, 0x7bf1];
          },
        },
      },
      2,
      clock,
    );
  },
);
