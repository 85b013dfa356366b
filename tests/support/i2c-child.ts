/** The I2C bus of Linux in a process of its own: an order a line on standard input, an answer a line, in order. */
import { createInterface } from 'node:readline';
import { createLinuxI2c } from '../../device/bus/linux-i2c.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { errorToWire } from '../../src/shared/errors.ts';
import type { I2cAnswer, I2cOrder } from './i2c-adapter.ts';

const bus = createLinuxI2c('i2c-1', process.argv[2] ?? '', deviceClock);

async function carryOut(order: I2cOrder): Promise<I2cAnswer> {
  try {
    if (order.do === 'read') return { bytes: [...(await bus.read(order.address, order.length))] };
    const bytes = Uint8Array.from(order.bytes);
    if (order.do === 'writeRead')
      return { bytes: [...(await bus.writeRead(order.address, bytes, order.length))] };
    await bus.write(order.address, bytes);
    return { bytes: null };
  } catch (error) {
    return { error: errorToWire(error) };
  }
}

let last: Promise<unknown> = Promise.resolve();
createInterface(process.stdin).on('line', (line) => {
  const answer = carryOut(JSON.parse(line) as I2cOrder);
  last = last.then(async () => process.stdout.write(`${JSON.stringify(await answer)}\n`));
});
