/** Decoders against the numbers that data sheets and manuals print. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc8 } from '../../../device/bus/crc8.ts';
import * as ads1115 from '../../../device/drivers/ads1115/decode.ts';
import * as aht20 from '../../../device/drivers/aht20/decode.ts';
import * as bme280 from '../../../device/drivers/bme280/decode.ts';
import * as ds18b20 from '../../../device/drivers/ds18b20/decode.ts';
import * as ina219 from '../../../device/drivers/ina219/decode.ts';
import * as ina226 from '../../../device/drivers/ina226/decode.ts';
import { decodeTemperature as lm75 } from '../../../device/drivers/lm75/decode.ts';
import { decodeCode } from '../../../device/drivers/mcp3008/decode.ts';
import { decodeTemperature as mcp9808 } from '../../../device/drivers/mcp9808/decode.ts';
import * as scd4x from '../../../device/drivers/scd4x/decode.ts';
import { checkedWords, command, isChecked } from '../../../device/drivers/sensirion/words.ts';
import { temperature } from '../../../device/drivers/sensirion/temperature.ts';
import * as sgp40 from '../../../device/drivers/sgp40/decode.ts';
import * as sht3x from '../../../device/drivers/sht3x/decode.ts';
import * as sht4x from '../../../device/drivers/sht4x/decode.ts';
import * as veml7700 from '../../../device/drivers/veml7700/decode.ts';
import { RANGES } from '../../../device/drivers/veml7700/registers.ts';

const word = (value: number) => Uint8Array.of((value >> 8) & 0xff, value & 0xff);
const bytes = (hex: string) => Uint8Array.from(hex.split(' ').map((byte) => Number.parseInt(byte, 16)));

describe('the checksum of Sensirion and ASAIR', () => {
  it.each([
    ['be ef', 0x92], // SHT3x-DIS, "Checksum Calculation"
    ['80 00', 0xa2], // SGP40, table 11
    ['66 66', 0x93],
    ['01 f4', 0x33], // SCD4x, "read_measurement"
  ])('of %s is 0x%s', (hex, crc) => {
    expect(crc8(bytes(hex))).toBe(crc);
  });

  it('notices every single and double bit error, and every burst of up to eight, in a word', () => {
    const turned = fc.tuple(fc.nat(23), fc.nat(23)).map(([a, b]) => (1 << a) | (1 << b));
    const burst = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.nat(16)).map(([bits, at]) => bits << at);
    fc.assert(
      fc.property(fc.nat(0xffff), fc.oneof(turned, burst), (value, error) => {
        const sent = (value << 8) | crc8(word(value));
        const come = sent ^ error;
        expect(crc8(word(come >> 8))).not.toBe(come & 0xff);
      }),
    );
  });

  it('is zero over a message with its own checksum behind it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        expect(crc8(Uint8Array.of(...message, crc8(message)))).toBe(0);
      }),
    );
  });
});

describe('words of Sensirion chips', () => {
  it('makes the command that the SGP40 sheet prints', () => {
    expect(command(0x260f, sgp40.humidityWord(50), sgp40.temperatureWord(25))).toEqual(
      bytes('26 0f 80 00 a2 66 66 93'),
    );
  });
  it('holds humidity and temperature to what the words can say', () => {
    expect([-5, 0, 100, 120].map(sgp40.humidityWord)).toEqual([0, 0, 0xffff, 0xffff]);
    expect([-60, -45, 130, 200].map(sgp40.temperatureWord)).toEqual([0, 0, 0xffff, 0xffff]);
  });
  it('refuses a word whose checksum is wrong, whichever it is', () => {
    expect(checkedWords(bytes('be ef 92 80 00 a2'))).toEqual([0xbeef, 0x8000]);
    for (const hex of ['be ef 93 80 00 a2', 'be ef 92 80 01 a2', 'bf ef 92 80 00 a2']) {
      expect(() => checkedWords(bytes(hex))).toThrow(expect.objectContaining({ code: 'DRIVER_CHECKSUM' }));
      expect(isChecked(bytes(hex))).toBe(false);
    }
    expect(isChecked(Uint8Array.of())).toBe(false);
  });
  it('reads the measurement that the SCD4x sheet prints: 500 ppm, 25 °C, 37 %RH', () => {
    const [co2, celsius, humidity] = scd4x.decode(checkedWords(bytes('01 f4 33 66 67 a2 5e b9 3c')));
    expect(co2).toBe(500);
    expect(celsius).toBeCloseTo(25, 2);
    expect(humidity).toBeCloseTo(37, 1);
  });
  it('reads both ends of the SHT scales', () => {
    expect([0, 0xffff].map(temperature)).toEqual([-45, 130]);
    expect([0, 0xffff].map(sht3x.humidity)).toEqual([0, 100]);
    // −6 and 119 of the formula are held to what there can be
    expect([0, 0xffff].map(sht4x.humidity)).toEqual([0, 100]);
    expect(sht4x.humidity(29_360)).toBeCloseTo(50, 2);
  });
});

describe('lm75 (SNIS153, temperature data format) and tmp105 (SBOS648, 12 bits)', () => {
  it.each([
    [0x0fa, 125],
    [0x032, 25],
    [0x001, 0.5],
    [0x000, 0],
    [0x1ff, -0.5],
    [0x1ce, -25],
    [0x192, -55],
  ])('nine bits: 0x%s is %f', (raw, celsius) => {
    // whatever the seven bits below hold
    expect(lm75(word((raw << 7) | 0x55), 9)).toBe(celsius);
  });
  it.each([
    [0x7ff, 127.9375],
    [0x640, 100],
    [0x004, 0.25],
    [0xffc, -0.25],
    [0xe70, -25],
    [0xc90, -55],
    [0x800, -128],
  ])('twelve bits: 0x%s is %f', (raw, celsius) => {
    expect(lm75(word(raw << 4), 12)).toBe(celsius);
  });
});

describe('mcp9808 (DS25095A, section 5.1.3)', () => {
  it.each([
    [0x0194, 25.25],
    [0xc194, 25.25], // with the flags "critical" and "upper"
    [0x1fff, -0.0625],
    [0x3e70, -25], // with the flag "lower"
    [0x07d0, 125],
    [0x1d80, -40],
  ])('0x%s is %f', (raw, celsius) => {
    expect(mcp9808(word(raw))).toBe(celsius);
  });
});

describe('power monitors: 10 A over 2 mΩ at 11.98 V', () => {
  it('ina219 (SBOS448, table 8)', () => {
    expect(ina219.busVoltage(word(0x5d98))).toBeCloseTo(11.98, 9);
    expect(ina219.shuntVoltage(word(0x07d0)) / 0.002).toBeCloseTo(10, 9);
    // −320 mV is 0x8300, +320 mV 0x7D00 (section 8.6.3.1)
    expect(ina219.shuntVoltage(word(0x8300))).toBe(-0.32);
    expect(ina219.shuntVoltage(word(0x7d00))).toBe(0.32);
  });
  it('ina226 (SBOS547, table 7-1)', () => {
    expect(ina226.busVoltage(word(0x2570))).toBeCloseTo(11.98, 9);
    expect(ina226.shuntVoltage(word(0x1f40)) / 0.002).toBeCloseTo(10, 9);
    // −80 mV is 0x8300 (section 7.6.2)
    expect(ina226.shuntVoltage(word(0x8300))).toBeCloseTo(-0.08, 9);
  });
});

describe('ads1115 (SBAS444, table "Input Signal Versus Ideal Output Code")', () => {
  it.each([
    [0x7fff, 4.096 * (1 - 2 ** -15)],
    [0x0001, 4.096 / 2 ** 15],
    [0x0000, 0],
    [0xffff, -4.096 / 2 ** 15],
    [0x8000, -4.096],
  ])('0x%s is %f V', (code, volts) => {
    expect(ads1115.decodeVoltage(word(code), 4.096)).toBeCloseTo(volts, 12);
  });
  it('chooses the finest range that is wide enough', () => {
    expect([6.144, 5, 4.096, 3.3, 1, 0.3, 0.1].map(ads1115.rangeFor)).toEqual([0, 0, 1, 1, 3, 4, 5]);
    expect(ads1115.rangeFor(6.2)).toBeUndefined();
  });
});

describe('aht20', () => {
  // two answers of real chips
  it.each([
    ['1c 26 9a 76 42 e7 76', 15.079, 28.267],
    ['18 93 ac 95 2a c5 b3', 57.685, 14.588],
  ])('%s', (hex, humidity, celsius) => {
    const decoded = aht20.decode(bytes(hex));
    expect(decoded.humidity).toBeCloseTo(humidity, 2);
    expect(decoded.temperature).toBeCloseTo(celsius, 1);
  });
  it('takes no damaged answer, and none of a chip that still measures', () => {
    expect(() => aht20.decode(bytes('18 93 ac 95 2a c4 b3'))).toThrow(
      expect.objectContaining({ code: 'DRIVER_CHECKSUM' }),
    );
    const busy = bytes('98 93 ac 95 2a c5');
    expect(() => aht20.decode(Uint8Array.of(...busy, crc8(busy)))).toThrow(
      expect.objectContaining({ code: 'TIMEOUT' }),
    );
  });
});

describe('bmp280 (BST-BMP280-DS001, section 3.12)', () => {
  it('reads words and burst of the worked example', () => {
    const memory = new Uint8Array(24);
    const view = new DataView(memory.buffer);
    for (const [i, value] of [
      27_504, 26_435, -1000, 36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000,
    ].entries())
      view.setUint16(2 * i, value & 0xffff, true);
    const calibration = bme280.decodeAirCalibration(memory);
    // adc_P 415148 = 0x655AC, adc_T 519888 = 0x7EED0
    const raw = bme280.decodeRawAir(bytes('65 5a c0 7e ed 00'));
    expect(raw).toEqual({ pressure: 415_148, temperature: 519_888 });
    const fine = bme280.fineTemperature(raw.temperature, calibration);
    expect(bme280.temperature(fine)).toBeCloseTo(25.08, 2);
    expect(bme280.pressure(raw.pressure, fine, calibration)).toBeCloseTo(100_653.27, 1);
  });
});

describe('veml7700', () => {
  const [fine, coarse] = RANGES;
  it('shows up to 140 klx uncorrected, and one polynomial at both ranges', () => {
    expect(coarse.resolution * 65_535).toBeCloseTo(140_926, 0);
    expect(veml7700.decodeCount(bytes('34 12'))).toBe(0x1234);
    // document 84323: what is seen as 23 klx is sunlight of 120 klx
    expect(veml7700.illuminance(23_000 / coarse.resolution, coarse)).toBeCloseTo(120_166, -2);
    expect(veml7700.illuminance(100 / fine.resolution, fine)).toBeCloseTo(101, 0);
  });
  it('leaves no gap between its ranges, and does not flutter', () => {
    const seenAt = (count: number, { resolution }: (typeof RANGES)[number]) => count * resolution;
    const leavesFine = seenAt(62_259, fine);
    const leavesCoarse = seenAt(655, coarse);
    expect(veml7700.isTooBright(62_259)).toBe(true);
    expect(veml7700.isDim(655)).toBe(true);
    expect(leavesCoarse).toBeLessThan(leavesFine * 0.8);
  });
});

describe('ds18b20 (table "Temperature/Data Relationship")', () => {
  const text = (raw: number, verdict = 'YES') => {
    const hex = `${[raw & 0xff, (raw >> 8) & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')} 4b 46 7f ff 0e 10 57`;
    return `${hex} : crc=57 ${verdict}\n${hex} t=0`;
  };
  it.each([
    [0x07d0, 125],
    [0x0550, 85],
    [0x0191, 25.0625],
    [0x00a2, 10.125],
    [0x0008, 0.5],
    [0x0000, 0],
    [0xfff8, -0.5],
    [0xff5e, -10.125],
    [0xfe6f, -25.0625],
    [0xfc90, -55],
  ])('0x%s is %f', (raw, celsius) => {
    expect(ds18b20.decodeTemperature(text(raw))).toBe(celsius);
  });
  it('reads what the kernel writes', () => {
    expect(
      ds18b20.decodeTemperature(
        '72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125',
      ),
    ).toBe(23.125);
  });
  it('takes no bad checksum, no wire held low, and no other text', () => {
    const low = '00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0';
    for (const bad of [text(0x0191, 'NO'), low])
      expect(() => ds18b20.decodeTemperature(bad)).toThrow(
        expect.objectContaining({ code: 'DRIVER_CHECKSUM' }),
      );
    for (const other of ['', 'no such device', '72 01 : crc=57 YES'])
      expect(() => ds18b20.decodeTemperature(other)).toThrow(expect.objectContaining({ code: 'BAD_REPLY' }));
  });
});

describe('mcp3008 (DS21295, figure 5-2)', () => {
  /** Null bit, ten bits, the upper nine in reverse, zeros; what comes before the null bit is not defined. */
  const answer = (code: number) => {
    const high = Array.from({ length: 10 }, (_, i) => (code >> (9 - i)) & 1);
    const bits = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, ...high, ...high.slice(0, 9).toReversed()];
    return Uint8Array.from({ length: 5 }, (_, at) =>
      Array.from({ length: 8 }, (_, i) => bits[8 * at + i] ?? 0).reduce((sum, bit) => sum * 2 + bit, 0),
    );
  };
  it('reads every code', () => {
    for (let code = 0; code < 1024; code++) expect(decodeCode(answer(code))).toBe(code);
  });
  it('notices every turned bit that carries something but the lowest, which the chip says once only', () => {
    const good = answer(0x2a5);
    const unnoticed = [];
    for (let bit = 13; bit < 40; bit++) {
      const bad = Uint8Array.from(good);
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      try {
        decodeCode(bad);
        unnoticed.push(bit);
      } catch {
        // noticed
      }
    }
    expect(unnoticed).toEqual([23]);
  });
  it('says that nothing answers where the wire floats', () => {
    expect(() => decodeCode(new Uint8Array(5).fill(0xff))).toThrow(
      expect.objectContaining({ code: 'BUS_NACK' }),
    );
  });
});
