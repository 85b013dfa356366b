/** What every I2C bus does, simulated or real: run over each with a TMP102 at 0x48 and a BME280 at 0x76. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bus } from '../../device/bus/bus.ts';
import { driverById } from '../../device/drivers/catalog.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { machineOf } from '../support/machine.ts';

export interface I2cBench {
  bus: Bus;
  /** Takes the chip at an address away; the returned function puts it back as it was. */
  unplug(address: number): () => void | Promise<void>;
  remove(): void;
}

/** °C of the TMP102: `temperature` in the make of a bench. */
export const AIR_CELSIUS = 21.5;
/** What the BME280 of each bench measures: °C, %RH, Pa. */
export const CLIMATE = [24.25, 41, 99_500] as const;

async function values(bus: Bus, id: string, address: number): Promise<number[]> {
  const driver = driverById(id);
  if (!driver) throw new Error(`there is no driver ${id}`);
  const context = { bus, address, options: {}, machine: machineOf({}), clock: deviceClock };
  const sensor = await driver.open(context);
  const out = new Float64Array(driver.channels(context).length);
  await sensor.read(out, new Uint8Array(out.length));
  return [...out];
}

export function i2cBusContract(make: () => I2cBench | Promise<I2cBench>): void {
  let bench: I2cBench;
  beforeAll(async () => void (bench = await make()));
  afterAll(() => bench.remove());

  it('reads a register of a chip after its pointer', async () => {
    // SBOS397, section 7.5: 12 bits in units of 0.0625 °C, left in two bytes
    const [high = 0, low = 0] = await bench.bus.writeRead(0x48, Uint8Array.of(0), 2);
    expect(((high << 4) | (low >> 4)) * 0.0625).toBeCloseTo(AIR_CELSIUS, 0);
  });

  it('writes a register, and a plain read goes on at the pointer', async () => {
    const { bus } = bench;
    await bus.write(0x48, Uint8Array.of(3, 0x32, 0x10));
    expect([...(await bus.read(0x48, 2))]).toEqual([0x32, 0x10]);
    expect((await bus.read(0x48, 1))[0]).toBe(0x32);
    await bus.write(0x48, Uint8Array.of(2));
    expect([...(await bus.read(0x48, 2))]).not.toEqual([0x32, 0x10]);
  });

  it('reads more than a block of SMBus at once', async () => {
    const { bus } = bench;
    const whole = await bus.writeRead(0x76, Uint8Array.of(0x88), 40);
    const parts = await Promise.all([0, 20].map((at) => bus.writeRead(0x76, Uint8Array.of(0x88 + at), 20)));
    expect(Buffer.from(whole)).toEqual(Buffer.concat(parts));
    expect(new Set(whole).size).toBeGreaterThan(5);
  });

  it('carries the drivers of both chips to their values', async () => {
    expect((await values(bench.bus, 'tmp102', 0x48))[0]).toBeCloseTo(AIR_CELSIUS, 0);
    const climate = await values(bench.bus, 'bme280', 0x76);
    const expected = [...CLIMATE].toSorted((a, b) => a - b);
    for (const [i, value] of climate.toSorted((a, b) => a - b).entries())
      expect(Math.abs(value / (expected[i] as number) - 1)).toBeLessThan(0.01);
  });

  it('rejects with BUS_NACK where nothing answers, naming the address', async () => {
    const { bus } = bench;
    const nobody = { code: 'BUS_NACK', details: { address: '0x23' } };
    await expect(bus.read(0x23, 1)).rejects.toMatchObject(nobody);
    await expect(bus.read(0x23, 6)).rejects.toMatchObject(nobody);
    await expect(bus.write(0x23, new Uint8Array())).rejects.toMatchObject(nobody);
    await expect(bus.write(0x23, Uint8Array.of(1))).rejects.toMatchObject(nobody);
    await expect(bus.write(0x23, Uint8Array.of(1, 2, 3))).rejects.toMatchObject(nobody);
    await expect(bus.writeRead(0x23, Uint8Array.of(0), 2)).rejects.toMatchObject(nobody);
    await expect(bus.writeRead(0x23, Uint8Array.of(0, 1), 2)).rejects.toMatchObject(nobody);
    await expect(bus.writeRead(0x23, Uint8Array.of(0), 40)).rejects.toMatchObject(nobody);
  });

  it('finds a chip again that was unplugged, and its neighbour never left', async () => {
    const { bus } = bench;
    const replug = bench.unplug(0x48);
    await expect(bus.writeRead(0x48, Uint8Array.of(0), 2)).rejects.toMatchObject({ code: 'BUS_NACK' });
    expect([...(await bus.writeRead(0x76, Uint8Array.of(0xd0), 1))]).toEqual([0x60]);
    await replug();
    expect((await bus.writeRead(0x48, Uint8Array.of(0), 2)).length).toBe(2);
  });

  it('answers many at once, each with its own', async () => {
    const { bus } = bench;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0
          ? bus.writeRead(0x76, Uint8Array.of(0xd0), 1)
          : bus.writeRead(0x48, Uint8Array.of(0), 2).then((bytes) => bytes.subarray(0, 1)),
      ),
    );
    for (const [i, bytes] of answers.entries()) expect(bytes[0] === 0x60).toBe(i % 2 === 0);
  });
}
