/** Two processes on one serial line, as the drivers' host and the outputs' process are: nobody takes the other's bytes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { busSchema } from '../../../../device/bus/bus-config.ts';
import type { ModbusConfig } from '../../../../device/bus/modbus/open-modbus.ts';
import { modbusInProcess } from '../../../support/modbus-process.ts';
import { HOLDING } from '../../../support/modbus-slave.ts';
import { ModbusSlave } from '../../../support/modbus-slaves.ts';
import { need } from '../../../support/need.ts';
import { PtyLine } from '../../../support/pty.ts';

describe.skipIf(!need('socat'))('a serial line of two processes', { timeout: 120_000 }, () => {
  let line: PtyLine;
  let slave: ModbusSlave;
  let config: ModbusConfig;
  let both: ReturnType<typeof modbusInProcess>[];
  beforeEach(async () => {
    line = new PtyLine();
    await line.plug();
    slave = await new ModbusSlave(line.far).ready();
    const fields = { id: 'plant', kind: 'modbus-rtu', device: line.device, parity: 'none', timeoutMs: 3000 };
    config = busSchema.parse(fields) as ModbusConfig;
    both = [0, 1].map(() => modbusInProcess(config, [process.execPath]));
  });
  afterEach(async () => {
    for (const { end } of both) end();
    await slave.end();
    await line.remove();
  });

  it('gives each the answers to its own questions, and each its turn', async () => {
    const asked = Array.from({ length: 60 }, (_, i) => i % HOLDING.length);
    const finished: number[] = [];
    await Promise.all(
      both.map(async ({ bus }, n) => {
        const values = await Promise.all(
          asked.map(async (i) => {
            const [value] = await bus.read(1, 'holding', (i + n) % HOLDING.length, 1);
            finished.push(n);
            return value;
          }),
        );
        expect(values).toEqual(asked.map((i) => HOLDING[(i + n) % HOLDING.length]));
      }),
    );
    // neither had to wait until the other had done
    const firstDone = Math.min(finished.lastIndexOf(0), finished.lastIndexOf(1));
    expect(firstDone).toBeGreaterThan(asked.length * 1.2);
  });

  it("is free again when one of them dies in the middle, whose answer is nobody else's", async () => {
    const [first, second] = both;
    await Promise.all(both.map(({ bus }) => bus.read(1, 'holding', 0, 1)));
    slave.hang(true);
    void first?.bus.read(1, 'holding', 0, 1);
    // long enough for the question to be on its way; if it is not, there is less to prove
    await new Promise((resolve) => setTimeout(resolve, 300));
    first?.end();
    slave.hang(false);
    // as it is after a host was killed: another in its place
    const next = modbusInProcess(config, [process.execPath]);
    both.push(next);
    expect((await next.bus.read(1, 'holding', 3, 1))[0]).toBe(HOLDING[3]);
    // its first question may have run into the one that was on its way
    await expect
      .poll(() => second?.bus.read(1, 'discrete', 3, 1).catch(() => []), { timeout: 30_000 })
      .toEqual(Uint16Array.of(1));
  });
});
