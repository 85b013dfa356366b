/** An AHT20 (ASAIR AHT20 product manual, section 5): status, calibration, measurements of 20 bits with a checksum. */
import { crc8 } from '../../bus/crc8.ts';
import { clampRound, defineChip, NotAcknowledged, type I2cFace } from '../sim-chip.ts';

const MEASUREMENT_MS = 75;

export const simAht20 = defineChip<I2cFace>(
  {
    temperature: { mean: 20, swing: 5, noise: 0.05 },
    humidity: { mean: 55, swing: 12, noise: 0.1 },
  },
  (world, clock) => {
    let calibrated = false;
    let doneAt: number | null = null;
    let data = [0, 0, 0, 0, 0];

    function status(): number {
      if (doneAt !== null && clock.monotonic() >= doneAt) {
        doneAt = null;
        const rh = clampRound((world.now('humidity') / 100) * 2 ** 20, 0, 0xf_ffff);
        const t = clampRound(((world.now('temperature') + 50) / 200) * 2 ** 20, 0, 0xf_ffff);
        data = [rh >> 12, (rh >> 4) & 0xff, ((rh & 0x0f) << 4) | (t >> 16), (t >> 8) & 0xff, t & 0xff];
      }
      return 0x10 | (calibrated ? 0x08 : 0) | (doneAt === null ? 0 : 0x80);
    }

    return {
      write([code, first, second]) {
        if (code === 0xbe && first === 0x08 && second === 0x00) calibrated = true;
        else if (code === 0xac && first === 0x33 && second === 0x00)
          doneAt = clock.monotonic() + MEASUREMENT_MS;
        else if (code !== undefined && code !== 0x71) throw new NotAcknowledged();
      },
      read() {
        const answer = Uint8Array.of(status(), ...data);
        return Uint8Array.of(...answer, crc8(answer));
      },
    };
  },
);
