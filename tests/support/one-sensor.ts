/** One sensor on a simulated I2C bus and a test's clock: its readings, its states, its chip to disturb. */
import { createSimBus, type SimBus } from '../../device/sim/sim-bus.ts';
import { CATALOG } from '../../device/drivers/catalog.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { startSensor } from '../../device/sensors/sensor-actor.ts';
import type { SensorState } from '../../src/shared/device-contract.ts';
import { qualityName } from '../../src/shared/reading.ts';
import { FakeClock } from './fake-clock.ts';
import { machineOf } from './machine.ts';

export interface OneSensor {
  clock: FakeClock;
  bus: SimBus;
  address: number;
  readings: { channel: number; value: number; quality: string }[];
  states: SensorState[];
}

/** One I2C sensor of `driver` on a bus with its simulated chip. `without`: a channel whose readings are not wanted. */
export function oneSensor(id: string, options: Record<string, unknown> = {}, without?: number): OneSensor {
  const driver = CATALOG.find((row) => row.id === id);
  if (!driver) throw new Error(id);
  const clock = new FakeClock();
  const address = driver.addresses[0] ?? 0;
  const bus = createSimBus('i2c-1', [{ chip: id, address }], clock);
  const readings: OneSensor['readings'] = [];
  const states: SensorState[] = [];
  startSensor({
    config: { id, driver: id, bus: 'i2c-1', periodMs: 1000, options },
    driver,
    bus,
    machine: machineOf({}),
    ticker: new Ticker(clock),
    firstMs: 0,
    outlet: {
      register: (rows) => rows.map((_, i) => i),
      record(channel, _at, value, quality) {
        if (channel !== without) readings.push({ channel, value, quality: qualityName(quality) });
      },
      report: (state) => void states.push(state),
    },
  });
  return { clock, bus, address, readings, states };
}
