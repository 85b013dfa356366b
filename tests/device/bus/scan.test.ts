/** A scan over simulated chips: who is there, who says so, and that nobody is harmed by the question. */
import { describe, expect, it } from 'vitest';
import type { Bus } from '../../../device/bus/bus.ts';
import { busMissing, nack } from '../../../device/bus/bus.ts';
import { scan, type Found } from '../../../device/bus/scan.ts';
import { candidates } from '../../../device/drivers/candidates.ts';
import { CATALOG, driverById } from '../../../device/drivers/catalog.ts';
import { I2C_CHIPS } from '../../../device/sim/chips.ts';
import { createSimBus } from '../../../device/sim/sim-bus.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';

async function scanned(chips: { chip: string; address: number }[]) {
  const clock = new FakeClock();
  const bus = createSimBus('b', chips, clock);
  const written: string[] = [];
  const watched: Bus = {
    ...bus,
    write(address, bytes) {
      written.push(Buffer.from(bytes).toString('hex'));
      return bus.write(address, bytes);
    },
    writeRead(address, bytes, length) {
      written.push(Buffer.from(bytes).toString('hex'));
      return bus.writeRead(address, bytes, length);
    },
  };
  const state = { done: false };
  const work = scan(watched, candidates(CATALOG, clock), clock).finally(() => (state.done = true));
  while (!state.done) await clock.advance(1);
  return { written, found: await work };
}

const chipsOf = (found: readonly Found[], address: number) =>
  found
    .find((row) => row.address === address)
    ?.chips.map(({ driver, sure }) => (sure ? driver : `${driver}?`));

describe('a scan', () => {
  it('names chips that say who they are, and those that may be where nobody says so', async () => {
    const { found } = await scanned([
      { chip: 'bme280', address: 0x76 },
      { chip: 'bmp280', address: 0x77 },
      { chip: 'sht3x', address: 0x44 },
      { chip: 'sht4x', address: 0x45 },
      { chip: 'ina226', address: 0x40 },
      { chip: 'ina219', address: 0x41 },
      { chip: 'mcp9808', address: 0x18 },
      { chip: 'bh1750', address: 0x23 },
      { chip: 'veml7700', address: 0x10 },
      { chip: 'scd4x', address: 0x62 },
      { chip: 'sgp40', address: 0x59 },
      { chip: 'aht20', address: 0x38 },
      { chip: 'tmp102', address: 0x48 },
      { chip: 'ads1115', address: 0x4a },
    ]);
    expect(Object.fromEntries(found.map(({ address }) => [address, chipsOf(found, address)]))).toEqual({
      [0x10]: ['veml7700'],
      [0x18]: ['mcp9808'],
      [0x23]: ['bh1750?'],
      [0x38]: ['aht20?'],
      [0x40]: ['ina226'],
      [0x41]: ['ina219'],
      [0x44]: ['sht3x'],
      [0x45]: ['sht4x'],
      // what tells it from a TMP105 is not in what may be asked without writing
      [0x48]: ['tmp102?', 'tmp105?'],
      [0x4a]: expect.arrayContaining(['ads1115?']),
      [0x59]: ['sgp40'],
      [0x62]: ['scd4x'],
      [0x76]: ['bme280'],
      [0x77]: ['bmp280'],
    });
  });

  it('finds nothing where nothing is, and a chip that nobody knows there as one without a name', async () => {
    expect((await scanned([])).found).toEqual([]);
    const { found } = await scanned([{ chip: 'bh1750', address: 0x30 }]);
    expect(found).toEqual([{ address: 0x30, chips: [] }]);
  });

  it.each(Object.keys(I2C_CHIPS))('finds %s at the first and the last of its addresses', async (chip) => {
    const addresses = driverById(chip)?.addresses ?? [];
    for (const address of [addresses[0] ?? 0, addresses.at(-1) ?? 0]) {
      const { found } = await scanned([{ chip, address }]);
      expect(found.map((row) => row.address)).toEqual([address]);
      expect(chipsOf(found, address)?.map((name) => name.replace('?', ''))).toContain(chip);
    }
  });

  it('asks nothing but what drivers declare as harmless', async () => {
    const allowed = new Set(
      CATALOG.flatMap(({ identity }) => (identity ? [Buffer.from(identity.ask).toString('hex')] : [])),
    );
    const { written } = await scanned([{ chip: 'tmp102', address: 0x48 }]);
    expect([...new Set(written)].filter((bytes) => bytes !== '' && !allowed.has(bytes))).toEqual([]);
  });

  it('fails as the bus does when there is none', async () => {
    const none = () => Promise.reject(busMissing('i2c-9'));
    const bus: Bus = { kind: 'i2c', id: 'i2c-9', read: none, write: none, writeRead: none };
    await expect(scan(bus, [], new FakeClock())).rejects.toMatchObject({ code: 'BUS_MISSING' });
  });

  it('leaves a chip that measures alone, and counts it as there', async () => {
    const clock = new FakeClock();
    const chips = [
      { chip: 'bme280', address: 0x76 },
      { chip: 'bmp280', address: 0x77 },
    ];
    const bus = createSimBus('b', chips, clock);
    const asked = new Set<number>();
    const watched: Bus = {
      ...bus,
      write(address, bytes) {
        asked.add(address);
        return bus.write(address, bytes);
      },
      read(address, length) {
        asked.add(address);
        return bus.read(address, length);
      },
      writeRead(address, bytes, length) {
        asked.add(address);
        return bus.writeRead(address, bytes, length);
      },
    };
    const found = await scan(watched, candidates(CATALOG, clock), clock, (address) => address === 0x76);
    expect(found.map(({ address, chips: [chip] }) => [address, chip?.driver])).toEqual([
      [0x76, undefined],
      [0x77, 'bmp280'],
    ]);
    expect([asked.has(0x76), asked.has(0x77)]).toEqual([false, true]);
  });

  it('shows an address that the kernel has for itself, and goes on', async () => {
    const kernels = new MusterError('BUS_MISSING', 'a driver of the kernel has it', { kernels: true });
    const at = (address: number) => Promise.reject(address === 0x68 ? kernels : nack('b', address));
    const bus: Bus = { kind: 'i2c', id: 'b', read: at, write: at, writeRead: at };
    expect(await scan(bus, [], new FakeClock())).toEqual([{ address: 0x68, chips: [], isKernels: true }]);
  });

  it('takes a bus on which every address answers for one with a wire held low', async () => {
    const ones = () => Promise.resolve(Uint8Array.of(0xff));
    const bus: Bus = { kind: 'i2c', id: 'b', read: ones, write: async () => {}, writeRead: ones };
    await expect(scan(bus, [], new FakeClock())).rejects.toMatchObject({ code: 'BUS_STUCK' });
  });

  it.each([
    ['hangs', null, 'BUS_STUCK'],
    ['is slow', 500, 'TIMEOUT'],
  ])('gives up on a bus that %s, in a time that is known', async (_, afterMs, expected) => {
    const clock = new FakeClock();
    const answer = (address: number) =>
      new Promise<never>((_, reject) => {
        if (afterMs !== null) clock.after(afterMs, () => reject(nack('b', address)));
      });
    const bus: Bus = { kind: 'i2c', id: 'b', read: answer, write: answer, writeRead: answer };
    const state = { code: '' };
    scan(bus, [], clock).catch((error: MusterError) => (state.code = error.code));
    for (let ms = 0; state.code === '' && ms < 25_000; ms += 100) await clock.advance(100);
    expect(state.code).toBe(expected);
  });
});
