/**
 * A BME280, or a BMP280, at register level (Bosch BST-BME280-DS001-24, section 5). Forced and normal mode measure; oversampling
 * and filter are kept, not acted on. The raw numbers are found backwards through the data sheet's *integer*
 * compensation (section 4.2.3), while the driver uses the double one: they check each other.
 */
import type { Clock } from '../../../src/shared/time.ts';
import { clampRound, defineChip, type I2cFace, type World } from '../sim-chip.ts';

// T and P: the worked example of Bosch's BMP280 data sheet (BST-BMP280-DS001, section 3.12). H: read off a real chip.
const [T1, T2, T3] = [27_504, 26_435, -1000];
const [P1, P2, P3, P4, P5, P6, P7, P8, P9] = [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000];
const [H1, H2, H3, H4, H5, H6] = [75, 362, 0, 315, 50, 30];

const MEASUREMENT_MS = 8;
const NEVER_MEASURED = [0x80, 0x00, 0x00, 0x80, 0x00, 0x00, 0x80, 0x00];

/** t_fine of the 32-bit form. */
function fine(adc: number): number {
  const var1 = (((adc >> 3) - (T1 << 1)) * T2) >> 11;
  const half = (adc >> 4) - T1;
  const var2 = (((half * half) >> 12) * T3) >> 14;
  return var1 + var2;
}

/** °C, in steps of 0.01. */
function temperatureOf(adc: number): number {
  return ((fine(adc) * 5 + 128) >> 8) / 100;
}

/** Pa, of the 64-bit form (1/256 Pa). */
function pressureOf(adc: number, tFine: number): number {
  const t = BigInt(tFine) - 128_000n;
  let var2 = t * t * BigInt(P6);
  var2 += (t * BigInt(P5)) << 17n;
  var2 += BigInt(P4) << 35n;
  let var1 = ((t * t * BigInt(P3)) >> 8n) + ((t * BigInt(P2)) << 12n);
  var1 = (((1n << 47n) + var1) * BigInt(P1)) >> 33n;
  if (var1 === 0n) return 0;
  let p = 1_048_576n - BigInt(adc);
  p = (((p << 31n) - var2) * 3125n) / var1;
  const end1 = (BigInt(P9) * (p >> 13n) * (p >> 13n)) >> 25n;
  const end2 = (BigInt(P8) * p) >> 19n;
  return Number(((p + end1 + end2) >> 8n) + (BigInt(P7) << 4n)) / 256;
}

/** %RH, of the 32-bit form (1/1024 %). */
function humidityOf(adc: number, tFine: number): number {
  const t = tFine - 76_800;
  const left = ((adc << 14) - (H4 << 20) - H5 * t + 16_384) >> 15;
  const inner = (((((t * H6) >> 10) * (((t * H3) >> 11) + 32_768)) >> 10) + 2_097_152) * H2;
  let v = left * ((inner + 8192) >> 14);
  v -= ((((v >> 15) * (v >> 15)) >> 7) * H1) >> 4;
  return (Math.min(419_430_400, Math.max(0, v)) >> 12) / 1024;
}

/** The raw number whose value is nearest to `wanted`; `value` only rises, or only falls, over 0 … `top`. */
function invert(wanted: number, top: number, value: (adc: number) => number): number {
  let [low, high] = [0, top];
  const rises = value(top) > value(0);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle) < wanted === rises) low = middle;
    else high = middle;
  }
  return Math.abs(value(low) - wanted) < Math.abs(value(high) - wanted) ? low : high;
}

function calibration(registers: Uint8Array): void {
  const view = new DataView(registers.buffer);
  for (const [i, word] of [T1, T2, T3, P1, P2, P3, P4, P5, P6, P7, P8, P9].entries())
    view.setUint16(0x88 + 2 * i, word & 0xffff, true);
  registers[0xa1] = H1;
  view.setInt16(0xe1, H2, true);
  registers[0xe3] = H3;
  registers[0xe4] = H4 >> 4;
  registers[0xe5] = (H4 & 0x0f) | ((H5 & 0x0f) << 4);
  registers[0xe6] = H5 >> 4;
  registers[0xe7] = H6;
}

const AIR = {
  temperature: { mean: 20, swing: 5, noise: 0.05 },
  pressure: { mean: 101_325, swing: 300, noise: 3, periodS: 172_800 },
};

export const simBme280 = defineChip<I2cFace>(
  { ...AIR, humidity: { mean: 55, swing: 12, noise: 0.2 } },
  (world, clock) => bosch(0x60, world, clock),
);

/** The same without humidity, whose registers read as if they were skipped (BST-BMP280-DS001, section 4). */
export const simBmp280 = defineChip<I2cFace>(AIR, (world, clock) => bosch(0x58, world, clock));

function bosch(chipId: number, world: World, clock: Clock): I2cFace {
  const registers = new Uint8Array(256);
  registers[0xd0] = chipId;
  registers.set(NEVER_MEASURED, 0xf7);
  calibration(registers);
  let pointer = 0;
  let doneAt: number | null = null;

  function measure(): void {
    const t = invert(world.now('temperature'), 0xf_ffff, temperatureOf);
    const tFine = fine(t);
    const p = invert(world.now('pressure'), 0xf_ffff, (adc) => pressureOf(adc, tFine));
    const h = world.quantities.includes('humidity')
      ? clampRound(
          invert(world.now('humidity'), 0xffff, (adc) => humidityOf(adc, tFine)),
          0,
          0xffff,
        )
      : 0x8000;
    const spread = (raw: number) => [raw >> 12, (raw >> 4) & 0xff, (raw << 4) & 0xff];
    registers.set([...spread(p), ...spread(t), h >> 8, h & 0xff], 0xf7);
  }

  function settle(): void {
    if (doneAt === null || clock.monotonic() < doneAt) return;
    measure();
    const normal = ((registers[0xf4] ?? 0) & 0x03) === 0x03;
    doneAt = normal ? clock.monotonic() + MEASUREMENT_MS : null;
    if (!normal) registers[0xf4] = (registers[0xf4] ?? 0) & ~0x03;
  }

  return {
    write(bytes) {
      pointer = bytes[0] ?? 0;
      // after the pointer come data, then further pairs of register and data (section 6.2.1)
      for (let i = 0; i + 1 < bytes.length; i += 2) {
        const [at = 0, data = 0] = bytes.subarray(i, i + 2);
        if (at !== 0xf2 && at !== 0xf4 && at !== 0xf5) continue;
        registers[at] = data;
        if (at === 0xf4 && (data & 0x03) !== 0) doneAt = clock.monotonic() + MEASUREMENT_MS;
      }
    },
    read(length) {
      settle();
      return registers.slice(pointer, pointer + length);
    },
  };
}
