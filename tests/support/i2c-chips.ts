/** The two chips of the I2C tests: simulated, and what their registers hold as plain bytes. */
import { driverById } from '../../device/drivers/catalog.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { createSimBus, type SimBus } from '../../device/sim/sim-bus.ts';
import { AIR_CELSIUS, CLIMATE } from '../contracts/i2c-bus-contract.ts';
import type { RegisterAdapter } from './i2c-adapter.ts';
import { machineOf } from './machine.ts';

const still = (mean: number) => ({ mean, swing: 0, noise: 0 });

/** A TMP102 at 0x48 and a BME280 at 0x76, which measure the same for ever. */
export function simChips(): SimBus {
  const [temperature, humidity, pressure] = CLIMATE;
  const chips = [
    { chip: 'tmp102', address: 0x48, temperature: still(AIR_CELSIUS) },
    {
      chip: 'bme280',
      address: 0x76,
      temperature: still(temperature),
      humidity: still(humidity),
      pressure: still(pressure),
    },
  ];
  return createSimBus('i2c-1', chips, deviceClock);
}

/** Plugs the same two in as register files, as they stand after a measurement. */
export async function plugChips(adapter: RegisterAdapter): Promise<void> {
  const bus = simChips();
  const air = new Uint8Array(8);
  for (const register of [0, 1, 2, 3])
    air.set(await bus.writeRead(0x48, Uint8Array.of(register), 2), 2 * register);
  adapter.plug(0x48, 2, air);
  const bme280 = driverById('bme280');
  const sensor = await bme280?.open({
    bus,
    address: 0x76,
    options: {},
    machine: machineOf({}),
    clock: deviceClock,
  });
  await sensor?.read(new Float64Array(3), new Uint8Array(3));
  adapter.plug(0x76, 1, await bus.writeRead(0x76, Uint8Array.of(0), 256));
}
