/**
 * BME280 raw numbers to °C, Pa and %RH: the double-precision compensation of the data sheet
 * (Bosch BST-BME280-DS001-24, section 8.1), with its calibration words (section 4.2.2, table 16).
 */
import { MusterError } from '../../../src/shared/errors.ts';

/** The words every chip is calibrated with at the factory; names as in the data sheet. A BMP280 has those of the air. */
export interface AirCalibration {
  t: readonly [t1: number, t2: number, t3: number];
  p: readonly [number, number, number, number, number, number, number, number, number];
}
export interface Calibration extends AirCalibration {
  h: readonly [h1: number, h2: number, h3: number, h4: number, h5: number, h6: number];
}

/** Raw values of one burst: 20, 20 and 16 bits. */
export interface RawAir {
  temperature: number;
  pressure: number;
}
export interface Raw extends RawAir {
  humidity: number;
}

/** A data register that was never measured (section 5.4.7 to 5.4.9: the reset states). */
const SKIPPED_20 = 0x80000;
const SKIPPED_16 = 0x8000;

function signed12(value: number): number {
  return value & 0x800 ? value - 0x1000 : value;
}

/** `a`: 24 bytes or more from 0x88. Throws DRIVER_CHECKSUM when all bytes are alike: no chip is calibrated so. */
export function decodeAirCalibration(a: Uint8Array): AirCalibration {
  if (a.every((byte) => byte === a[0]))
    throw new MusterError('DRIVER_CHECKSUM', 'the calibration memory reads empty', {});
  const view = new DataView(a.buffer, a.byteOffset, a.length);
  const s16 = (at: number) => view.getInt16(at, true);
  return {
    t: [view.getUint16(0, true), s16(2), s16(4)],
    p: [view.getUint16(6, true), s16(8), s16(10), s16(12), s16(14), s16(16), s16(18), s16(20), s16(22)],
  };
}

/** `a`: 26 bytes from 0x88. `b`: 7 bytes from 0xE1. Throws DRIVER_CHECKSUM as above. */
export function decodeCalibration(a: Uint8Array, b: Uint8Array): Calibration {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  const [e4, e5, e6] = [view.getUint8(3), view.getUint8(4), view.getUint8(5)];
  return {
    ...decodeAirCalibration(a),
    h: [
      a[25] ?? 0,
      view.getInt16(0, true),
      view.getUint8(2),
      signed12((e4 << 4) | (e5 & 0x0f)),
      signed12((e6 << 4) | (e5 >> 4)),
      view.getInt8(6),
    ],
  };
}

/** `bytes`: 6 bytes from 0xF7. Throws DRIVER_CHECKSUM when the chip had measured nothing. */
export function decodeRawAir(bytes: Uint8Array): RawAir {
  const [p0 = 0, p1 = 0, p2 = 0, t0 = 0, t1 = 0, t2 = 0] = bytes;
  const raw = {
    pressure: (p0 << 12) | (p1 << 4) | (p2 >> 4),
    temperature: (t0 << 12) | (t1 << 4) | (t2 >> 4),
  };
  if (raw.temperature === SKIPPED_20 || raw.pressure === SKIPPED_20) throw unmeasured();
  return raw;
}

/** `bytes`: 8 bytes from 0xF7. Throws DRIVER_CHECKSUM when the chip had measured nothing. */
export function decodeRaw(bytes: Uint8Array): Raw {
  const [h0 = 0, h1 = 0] = bytes.subarray(6);
  const humidity = (h0 << 8) | h1;
  if (humidity === SKIPPED_16) throw unmeasured();
  return { ...decodeRawAir(bytes), humidity };
}

function unmeasured(): MusterError {
  return new MusterError('DRIVER_CHECKSUM', 'the chip has not measured', {});
}

/** `t_fine` of the data sheet: the temperature that the other two are compensated with. */
export function fineTemperature(raw: number, { t: [t1, t2, t3] }: AirCalibration): number {
  const var1 = (raw / 16384 - t1 / 1024) * t2;
  const var2 = (raw / 131072 - t1 / 8192) ** 2 * t3;
  return var1 + var2;
}

/** °C. */
export function temperature(tFine: number): number {
  return tFine / 5120;
}

/** Pa; NaN-free: 0 where the calibration would divide by zero, as the data sheet has it. */
export function pressure(raw: number, tFine: number, { p }: AirCalibration): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = p;
  let var1 = tFine / 2 - 64000;
  let var2 = (var1 * var1 * p6) / 32768;
  var2 = var2 + var1 * p5 * 2;
  var2 = var2 / 4 + p4 * 65536;
  var1 = ((p3 * var1 * var1) / 524288 + p2 * var1) / 524288;
  var1 = (1 + var1 / 32768) * p1;
  if (var1 === 0) return 0;
  let value = 1048576 - raw;
  value = ((value - var2 / 4096) * 6250) / var1;
  var1 = (p9 * value * value) / 2147483648;
  var2 = (value * p8) / 32768;
  return value + (var1 + var2 + p7) / 16;
}

/** %RH, held to 0 … 100. */
export function humidity(raw: number, tFine: number, { h }: Calibration): number {
  const [h1, h2, h3, h4, h5, h6] = h;
  let value = tFine - 76800;
  value =
    (raw - (h4 * 64 + (h5 / 16384) * value)) *
    ((h2 / 65536) * (1 + (h6 / 67108864) * value * (1 + (h3 / 67108864) * value)));
  value = value * (1 - (h1 * value) / 524288);
  return Math.min(100, Math.max(0, value));
}
