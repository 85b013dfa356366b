/**
 * What hangs on a bus, told with the sensors that are configured there. Runs in the process that owns the bus, between
 * the transfers of its sensors. Refuses: to ask a chip that measures. Called by host-body.ts.
 */
import type { BusLook, Found } from '../../src/shared/device-scan-calls.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { AnyBus } from '../bus/any-bus.ts';
import type { Bus } from '../bus/bus.ts';
import type { MqttBus } from '../bus/mqtt/mqtt-bus.ts';
import { scan } from '../bus/scan.ts';
import type { W1Bus } from '../bus/w1-bus.ts';
import type { SensorConfig } from '../config.ts';
import { candidates } from '../drivers/candidates.ts';
import type { Driver } from '../drivers/driver.ts';
import { whoSpeaks } from '../drivers/mqtt/speakers.ts';

export interface LookParts {
  sensors: readonly SensorConfig[];
  drivers: readonly Driver[];
  clock: Clock;
  /** True for a sensor whose last reading was one. */
  measures: (sensor: string) => boolean;
}

/** Why there is nothing to see on a bus of such a kind, and what to do instead. */
const UNSEEN: Record<Exclude<AnyBus['kind'], 'i2c' | 'w1' | 'mqtt'>, string> = {
  spi: 'A chip on SPI does not say that it is there. Read what is printed on the board, and configure its driver.',
  gpio: 'A line does not say what is wired to it. Configure a sensor or an output for it.',
  serial: 'A serial line says nothing of who is behind it. Configure how its lines are read.',
  modbus:
    'A unit on Modbus answers to its own number and tables only. Take both from its manual, and configure them.',
};

const SLEEPERS =
  'Only who spoke in the last ten seconds was heard. A device on a battery sleeps: configure it by the name that it has there.';

/** Rejects as device/bus/scan.ts does, and as the bus. */
export async function lookAtBus(bus: AnyBus, parts: LookParts): Promise<BusLook> {
  if (bus.kind === 'i2c') return { found: await lookAtI2c(bus, parts), note: null };
  if (bus.kind === 'w1') return { found: await lookAtW1(bus, parts), note: null };
  if (bus.kind === 'mqtt') return { found: await lookAtBroker(bus, parts), note: SLEEPERS };
  return { found: [], note: UNSEEN[bus.kind] };
}

async function lookAtI2c(bus: Bus, { sensors, drivers, clock, measures }: LookParts): Promise<Found[]> {
  const at = Map.groupBy(
    sensors.filter((sensor) => sensor.bus === bus.id),
    (sensor) => sensor.address ?? drivers.find(({ id }) => id === sensor.driver)?.addresses[0],
  );
  const isInUse = (address: number): boolean => at.get(address)?.some(({ id }) => measures(id)) ?? false;
  const found = await scan(bus, candidates(drivers, clock), clock, isInUse);
  return found.map(({ address, chips, isKernels = false }) => ({
    place: `0x${address.toString(16).padStart(2, '0')}`,
    chips,
    heldBy: isKernels ? 'a driver of the kernel: read it by the driver hwmon or iio' : null,
    sensors: named(at.get(address) ?? []),
  }));
}

/** The kernel has looked already. A sensor that names no device is the only one of its kind. */
async function lookAtW1(bus: W1Bus, { sensors, drivers }: LookParts): Promise<Found[]> {
  const devices = await bus.devices();
  const familyOf = (driver: string): string | undefined => drivers.find(({ id }) => id === driver)?.family;
  return devices.map((place) => {
    const family = place.slice(0, place.indexOf('-'));
    const here = sensors.filter((sensor) => {
      if (sensor.bus !== bus.id || familyOf(sensor.driver) !== family) return false;
      const { device } = sensor.options;
      return device === undefined || device === place;
    });
    const chips = drivers.filter((driver) => driver.bus === 'w1' && driver.family === family);
    return {
      place,
      chips: chips.map(({ id, title }) => ({ driver: id, title, sure: chips.length === 1 })),
      heldBy: null,
      sensors: named(here),
    };
  });
}

/** Who speaks there in words that a driver knows. */
async function lookAtBroker(bus: MqttBus, { sensors, clock }: LookParts): Promise<Found[]> {
  const speakers = await whoSpeaks(bus, clock);
  return speakers.map(({ driver, title, device, measures }) => ({
    place: device,
    chips: [{ driver, title, sure: true, options: { measures } }],
    heldBy: null,
    sensors: named(
      sensors.filter(
        (row) => row.bus === bus.id && row.driver === driver && row.options['device'] === device,
      ),
    ),
  }));
}

function named(sensors: readonly SensorConfig[]): Found['sensors'] {
  return sensors.map(({ id, name, driver }) => ({ sensor: id, name: name ?? id, driver }));
}
