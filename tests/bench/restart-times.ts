/**
 * How long a killed sensor is away in its host: the sensors of a host in this process, with a host's heap, ticking,
 * killed one by one.
 */
import { parseConfig } from '../../device/config.ts';
import { startSupervisor } from '../../device/otp/supervisor.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { keepHeapSmall } from '../../device/platform/small-heap.ts';
import { openMachine } from '../../device/platform/machine.ts';
import { createBuses } from '../../device/sensors/buses.ts';
import { sensorChildren } from '../../device/sensors/sensors.ts';
import { PATIENCE } from '../../device/patience.ts';
import { benchConfig } from '../support/sensor-config.ts';

/** Each sensor once: from the second fault on its supervisor waits before it brings it back. */
const MOST_KILLS = 200;

/** Microseconds from each kill to the next life of the sensor. */
export async function restartTimes(sensors: number, periodMs: number): Promise<number[]> {
  keepHeapSmall();
  const config = parseConfig(benchConfig({ sensors, periodMs, buses: 1 }));
  const ticker = new Ticker(deviceClock);
  const machine = openMachine('/nonexistent');
  let channels = 0;
  const children = sensorChildren({
    sensors: config.sensors ?? [],
    buses: createBuses(config.buses, machine, deviceClock),
    machine,
    ticker,
    outlet: { register: (declared) => declared.map(() => channels++), record() {}, report() {} },
  });
  const host = await startSupervisor({ ...PATIENCE, children }, { clock: deviceClock });
  await pause(periodMs + 500);
  const times: number[] = [];
  for (let i = 0; i < Math.min(MOST_KILLS, sensors); i++) {
    const id = `sensor-${(i * 104_729) % sensors}`;
    const killed = host.find(id);
    const begun = performance.now();
    killed?.kill();
    while (host.find(id) === killed || host.find(id) === null) await new Promise(setImmediate);
    times.push((performance.now() - begun) * 1000);
  }
  host.shutdown();
  await host.exited;
  return times;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
