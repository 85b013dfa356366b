/** Microchip MCP9808: a temperature sensor of ±0.25 °C that converts by itself four times a second. */
import { unsigned16 } from '../big-endian.ts';
import { expectChip, needBus, unexpected, wait, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import * as register from './registers.ts';

export const mcp9808: Driver = {
  id: 'mcp9808',
  title: 'MCP9808 temperature',
  bus: 'i2c',
  addresses: [0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f],
  identity: {
    ask: Uint8Array.of(register.MANUFACTURER),
    length: 2,
    is: (reply) => unsigned16(reply) === register.MICROCHIP,
  },
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-40, 125] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    await expectChip(context, mcp9808);
    const device = await bus.writeRead(address, Uint8Array.of(register.DEVICE), 2);
    if (device[0] !== register.IS_MCP9808) throw unexpected(bus, address, 'MCP9808', device);
    await bus.write(address, Uint8Array.of(register.CONFIGURATION, 0, 0));
    await wait(clock, register.CONVERSION_MS);
    return {
      async read(values) {
        values[0] = decodeTemperature(await bus.writeRead(address, Uint8Array.of(register.TEMPERATURE), 2));
      },
    };
  },
};
