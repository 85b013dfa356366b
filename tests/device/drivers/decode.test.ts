/** Decoders against the numbers their data sheets print. */
import { describe, expect, it } from 'vitest';
import { decodeIlluminance } from '../../../device/drivers/bh1750/decode.ts';
import * as bme280 from '../../../device/drivers/bme280/decode.ts';
import { decodeTemperature } from '../../../device/drivers/tmp102/decode.ts';

describe('tmp102 (SBOS397 table 7-2)', () => {
  it.each([
    [0x7ff, 127.9375],
    [0x640, 100],
    [0x500, 80],
    [0x4b0, 75],
    [0x320, 50],
    [0x190, 25],
    [0x004, 0.25],
    [0x000, 0],
    [0xffc, -0.25],
    [0xe70, -25],
    [0xc90, -55],
  ])('0x%s is %f', (raw, celsius) => {
    expect(decodeTemperature(Uint8Array.of(raw >> 4, (raw << 4) & 0xff))).toBe(celsius);
  });
});

describe('bh1750 (ROHM, measurement sequence examples)', () => {
  it('10000011 10010000 is 28067 lx', () => {
    expect(Math.round(decodeIlluminance(Uint8Array.of(0b1000_0011, 0b1001_0000)))).toBe(28_067);
  });
  it('00000001 00010000 is 227 lx', () => {
    expect(Math.round(decodeIlluminance(Uint8Array.of(0b0000_0001, 0b0001_0000)))).toBe(227);
  });
});

describe('bme280', () => {
  // Bosch BST-BMP280-DS001 section 3.12: the worked example; temperature and pressure are the same chip's.
  const calibration: bme280.Calibration = {
    t: [27_504, 26_435, -1000],
    p: [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000],
    h: [75, 362, 0, 315, 50, 30],
  };

  it('gives the data sheet its worked temperature and pressure', () => {
    const tFine = bme280.fineTemperature(519_888, calibration);
    expect(tFine).toBeCloseTo(128_422.287, 2);
    expect(bme280.temperature(tFine)).toBeCloseTo(25.08, 2);
    expect(bme280.pressure(415_148, tFine, calibration)).toBeCloseTo(100_653.27, 1);
  });

  it('holds humidity to 0 … 100', () => {
    const tFine = bme280.fineTemperature(519_888, calibration);
    expect(bme280.humidity(0, tFine, calibration)).toBe(0);
    expect(bme280.humidity(65_535, tFine, calibration)).toBe(100);
  });

  it('reads the calibration words, the split and the signed ones too', () => {
    const a = new Uint8Array(26);
    const view = new DataView(a.buffer);
    for (const [i, word] of [
      27_504, 26_435, -1000, 36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000,
    ].entries())
      view.setUint16(2 * i, word & 0xffff, true);
    a[25] = 75;
    // H2 362, H3 0, H4 315 = 0x13B, H5 50 = 0x032, H6 30
    const b = Uint8Array.of(0x6a, 0x01, 0x00, 0x13, 0x2b, 0x03, 0x1e);
    expect(bme280.decodeCalibration(a, b)).toEqual(calibration);
    // H4 −1, H5 −2, H6 −3: sign bits of 12 and 8
    const signed = bme280.decodeCalibration(a, Uint8Array.of(0, 0, 0, 0xff, 0xef, 0xff, 0xfd));
    expect(signed.h.slice(3)).toEqual([-1, -2, -3]);
  });

  it('takes an empty calibration and an unmeasured burst for errors, never for values', () => {
    const blank = (byte: number) => new Uint8Array(26).fill(byte);
    for (const byte of [0, 0xff])
      expect(() => bme280.decodeCalibration(blank(byte), new Uint8Array(7))).toThrow('reads empty');
    expect(() => bme280.decodeRaw(Uint8Array.of(0x80, 0, 0, 0x80, 0, 0, 0x80, 0))).toThrow('not measured');
  });
});
