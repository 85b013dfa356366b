/** A driver on a simulated bus of its kind, with a test's clock, and the knobs at hand. */
import type { AnyBus } from '../../device/bus/any-bus.ts';
import type { Driver, OpenSensor } from '../../device/drivers/driver.ts';
import { createSimBus } from '../../device/sim/sim-bus.ts';
import type { Disturbable } from '../../device/sim/sim-chip.ts';
import { createSimGpio } from '../../device/sim/sim-gpio.ts';
import { createSimModbus } from '../../device/sim/sim-modbus.ts';
import { createSimMqtt } from '../../device/sim/sim-mqtt.ts';
import { createSimSerial } from '../../device/sim/sim-serial.ts';
import { createSimSpi } from '../../device/sim/sim-spi.ts';
import { createSimW1 } from '../../device/sim/sim-w1.ts';
import { FakeClock } from './fake-clock.ts';

export interface DriverBench {
  clock: FakeClock;
  bus: AnyBus;
  chip: Disturbable;
  open(): Promise<OpenSensor>;
  /** Reads once, while the clock runs on. */
  read(sensor: OpenSensor): Promise<{ values: number[]; quality: number[] }>;
}

export interface BenchOptions {
  options?: Record<string, unknown>;
  /** Name of the simulated chip. Default: the driver's id. */
  sim?: string;
}

const LINE = 17;
const ROM = '28-0316a2797f3c';

function busOf(
  driver: Driver,
  chip: string,
  clock: FakeClock,
): { bus: AnyBus; chip: Disturbable | undefined } {
  const address = driver.addresses[0] ?? 0;
  switch (driver.bus) {
    case 'spi': {
      const bus = createSimSpi('sim', [{ chip }], clock);
      return { bus, chip: bus.chip() };
    }
    case 'gpio': {
      const bus = createSimGpio('sim', [{ chip, line: LINE } as { chip: string }], clock);
      return { bus, chip: bus.chip(LINE) };
    }
    case 'w1': {
      const bus = createSimW1('sim', [{ chip, rom: ROM } as { chip: string }], clock);
      return { bus, chip: bus.chip(ROM) };
    }
    case 'serial': {
      const bus = createSimSerial('sim', [{ chip }], clock);
      return { bus, chip: bus.chip() };
    }
    case 'modbus': {
      const bus = createSimModbus('sim', [{ chip, unit: 1 } as { chip: string }], clock);
      return { bus, chip: bus.chip(1) };
    }
    case 'mqtt': {
      const bus = createSimMqtt('sim', [{ chip }], clock);
      return { bus, chip: bus.chip(chip) };
    }
    default: {
      const bus = createSimBus('sim', [{ chip, address }], clock);
      return { bus, chip: bus.chip(address) };
    }
  }
}

/** Sets one up. GPIO drivers find their chip at line 17, Modbus drivers their slave at unit 1. */
export function driverBench(
  driver: Driver,
  { options = {}, sim = driver.id }: BenchOptions = {},
): DriverBench {
  const clock = new FakeClock();
  const { bus, chip } = busOf(driver, sim, clock);
  if (!chip) throw new Error(`no simulated ${sim}`);
  const context = { bus, address: driver.addresses[0] ?? 0, options, machine: undefined as never, clock };
  const count = driver.channels(context).length;
  return {
    clock,
    bus,
    chip,
    open: () => through(clock, driver.open(context)),
    async read(sensor) {
      const values = new Float64Array(count).fill(Number.NaN);
      const quality = new Uint8Array(count);
      await through(clock, Promise.resolve(sensor.read(values, quality)));
      return { values: [...values], quality: [...quality] };
    },
  };
}

/** Lets the clock run until `work` is done: a chip's conversion times pass. */
async function through<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  await clock.advance(1000);
  return work;
}
