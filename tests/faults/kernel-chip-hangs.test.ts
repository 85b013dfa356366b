/** A chip that a driver of the kernel reads hangs: its own sensor says so, and whoever else is in the host goes on. */
import { describe, expect, it } from 'vitest';
import { startSupervisor } from '../../device/otp/supervisor.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { createBuses } from '../../device/sensors/buses.ts';
import { sensorChildren } from '../../device/sensors/sensors.ts';
import type { SensorState } from '../../src/shared/device-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { machineOf } from '../support/machine.ts';

const CHIP = 'sys/class/hwmon/hwmon0';
const DEVICE = 'sys/bus/iio/devices/iio:device0';
const FILES = {
  [`${CHIP}/name`]: 'ina219',
  [`${CHIP}/in1_input`]: '5104',
  [`${DEVICE}/name`]: 'bmp280',
  [`${DEVICE}/in_temp_input`]: '24310',
  'proc/loadavg': '0.31 0.18 0.05 1/143 2231',
};

async function host() {
  const clock = new FakeClock();
  const hanging: (() => void)[] = [];
  let hangs = false;
  const plain = machineOf(FILES);
  const machine = {
    ...plain,
    async textSlowly(path: string) {
      if (hangs) await new Promise<void>((comeBack) => hanging.push(comeBack));
      return plain.text(path);
    },
  };
  const states = new Map<string, SensorState>();
  const read = new Map<number, number>();
  const names: string[] = [];
  const supervisor = await startSupervisor(
    {
      intensity: 3,
      periodMs: 1000,
      children: sensorChildren({
        buses: createBuses([], machine, clock),
        sensors: [
          { id: 'supply', driver: 'hwmon', periodMs: 1000, options: { chip: 'ina219' } },
          { id: 'air', driver: 'iio', periodMs: 1000, options: { device: 'bmp280' } },
          { id: 'load', driver: 'load', periodMs: 1000, options: {} },
        ],
        machine,
        ticker: new Ticker(clock),
        outlet: {
          register: (rows) => rows.map(({ sensor }) => names.push(sensor) - 1),
          record: (channel, _at, value) => {
            if (!Number.isNaN(value)) read.set(channel, (read.get(channel) ?? 0) + 1);
          },
          report: (state) => void states.set(state.sensor, state),
        },
      }),
    },
    { path: 'sensors', clock },
  );
  return {
    clock,
    states,
    readings: (sensor: string) => read.get(names.indexOf(sensor)) ?? 0,
    hang: () => (hangs = true),
    comeBack() {
      hangs = false;
      for (const one of hanging.splice(0)) one();
    },
    async end() {
      supervisor.shutdown();
      await clock.advance(100);
    },
  };
}

describe('a chip behind a driver of the kernel', () => {
  it('that hangs is given up on in words, holds nobody up, and is read again when it comes back', async () => {
    const here = await host();
    await here.clock.advance(5000);
    expect([...here.states.values()].map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
    here.hang();
    const before = here.readings('load');
    await here.clock.advance(10_000);
    for (const sensor of ['supply', 'air'])
      expect(here.states.get(sensor)).toMatchObject({ state: 'failing', lastError: 'no answer in 1000 ms' });
    expect(here.readings('load')).toBe(before + 10);
    here.comeBack();
    await here.clock.advance(5000);
    expect([...here.states.values()].map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
    await here.end();
  });
});
