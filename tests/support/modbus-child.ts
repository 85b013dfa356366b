/** The Modbus bus named by the first argument, in a process of its own: an order a line on standard input, in order. */
import { createInterface } from 'node:readline';
import { openModbus, type ModbusConfig } from '../../device/bus/modbus/open-modbus.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { errorToWire } from '../../src/shared/errors.ts';
import type { ModbusAnswer, ModbusOrder } from './modbus-process.ts';

const bus = openModbus(JSON.parse(process.argv[2] ?? '') as ModbusConfig, deviceClock);

async function carryOut(order: ModbusOrder): Promise<ModbusAnswer> {
  try {
    if (order.do === 'read') return { values: [...(await bus.read(...order.question))] };
    await bus.writeCoil(...order.question);
    return { values: [] };
  } catch (error) {
    return { error: errorToWire(error) };
  }
}

let last: Promise<unknown> = Promise.resolve();
createInterface(process.stdin).on('line', (line) => {
  const answer = carryOut(JSON.parse(line) as ModbusOrder);
  last = last.then(async () => process.stdout.write(`${JSON.stringify(await answer)}\n`));
});
