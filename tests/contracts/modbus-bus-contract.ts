/** What every Modbus bus does, simulated or real. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModbusBus } from '../../device/bus/modbus/modbus-bus.ts';
import type { ModbusTable } from '../../device/bus/modbus/pdu.ts';

export interface ModbusBench {
  bus: ModbusBus;
  /** Words that stand there. */
  words: { unit: number; table: ModbusTable; address: number; values: number[] };
  /** Eight coils from 0 on, of which nobody else writes any. */
  relays: { unit: number };
  /** Where a unit has nothing. */
  nothing: { unit: number; table: ModbusTable; address: number };
  remove(): void | Promise<void>;
}

/** A unit that is on none of the buses. */
const NOBODY = 99;

export function modbusBusContract(make: () => ModbusBench | Promise<ModbusBench>): void {
  let bench: ModbusBench;
  beforeAll(async () => void (bench = await make()));
  afterAll(() => bench.remove());

  it('reads words, all at once and one by one', async () => {
    const { bus, words } = bench;
    const { unit, table, address, values } = words;
    expect([...(await bus.read(unit, table, address, values.length))]).toEqual(values);
    for (const [i, value] of values.entries())
      expect([...(await bus.read(unit, table, address + i, 1))]).toEqual([value]);
  });

  it('writes coils, and they read so', async () => {
    const { bus } = bench;
    const { unit } = bench.relays;
    for (const coil of [1, 2, 7]) await bus.writeCoil(unit, coil, true);
    await bus.writeCoil(unit, 2, false);
    expect([...(await bus.read(unit, 'coil', 0, 8))]).toEqual([0, 1, 0, 0, 0, 0, 0, 1]);
    for (const coil of [1, 7]) await bus.writeCoil(unit, coil, false);
    expect([...(await bus.read(unit, 'coil', 1, 7))]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('says in words what a unit refuses', async () => {
    const { bus, nothing } = bench;
    const { unit, table, address } = nothing;
    await expect(bus.read(unit, table, address, 2)).rejects.toMatchObject({
      code: 'BUS_REFUSED',
      message: expect.stringMatching(/unit \d+ on .*it has nothing at this address/),
    });
    await expect(bus.writeCoil(unit, 900, true)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  });

  it('says that nobody answers, and goes on with those who do', async () => {
    const { bus, words } = bench;
    const { unit, table, address, values } = words;
    const [nobody, somebody] = await Promise.allSettled([
      bus.read(NOBODY, 'holding', 0, 1),
      bus.read(unit, table, address, 1),
    ]);
    expect(nobody).toMatchObject({
      reason: { code: 'BUS_NACK', message: expect.stringContaining(`unit ${NOBODY} does not answer`) },
    });
    expect(somebody).toMatchObject({ value: Uint16Array.of(values[0] as number) });
  });

  it('answers many at once, each with its own', async () => {
    const { bus, words } = bench;
    const { unit, table, address, values } = words;
    const asked = Array.from({ length: 40 }, (_, i) => i % values.length);
    const answers = await Promise.all(asked.map((i) => bus.read(unit, table, address + i, 1)));
    expect(answers.map(([value]) => value)).toEqual(asked.map((i) => values[i]));
  });
}
