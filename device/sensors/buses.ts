/** The configured buses. One that cannot be made fails its own sensors only. */
import { toMusterError, type MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { AnyBus } from '../bus/any-bus.ts';
import { busMissing } from '../bus/bus.ts';
import { createLinuxGpio } from '../bus/linux-gpio.ts';
import { createLinuxI2c } from '../bus/linux-i2c.ts';
import { createLinuxSpi } from '../bus/linux-spi.ts';
import { openModbus } from '../bus/modbus/open-modbus.ts';
import { createBrokerBus } from '../bus/mqtt/broker-bus.ts';
import { brokerAccess } from '../bus/mqtt/broker-access.ts';
import { createLinuxSerial } from '../bus/serial/linux-serial.ts';
import { kernelW1 } from '../bus/w1-bus.ts';
import type { BusConfig } from '../bus/bus-config.ts';
import type { Machine } from '../platform/machine.ts';
import { createSimBus } from '../sim/sim-bus.ts';
import { createSimGpio } from '../sim/sim-gpio.ts';
import { createSimModbus } from '../sim/sim-modbus.ts';
import { createSimMqtt } from '../sim/sim-mqtt.ts';
import { createSimSerial } from '../sim/sim-serial.ts';
import { createSimSpi } from '../sim/sim-spi.ts';
import { createSimW1 } from '../sim/sim-w1.ts';

/** Looks buses up by their id. */
export interface Buses {
  /** The bus, or why there is none. */
  find(id: string): AnyBus | MusterError;
}

/** `prefix`: where the files lie that a bus names. */
export function createBuses(
  configs: readonly BusConfig[],
  machine: Machine,
  clock: Clock,
  prefix = '',
): Buses {
  const made = new Map<string, AnyBus | MusterError>();
  for (const config of configs) {
    try {
      made.set(config.id, createBus(config, machine, clock, prefix));
    } catch (error) {
      made.set(config.id, toMusterError(error));
    }
  }
  return { find: (id) => made.get(id) ?? busMissing(id) };
}

function createBus(config: BusConfig, machine: Machine, clock: Clock, prefix: string): AnyBus {
  const { id } = config;
  switch (config.kind) {
    case 'i2c':
      return createLinuxI2c(id, config.device, clock);
    case 'spi':
      return createLinuxSpi(id, config.device);
    case 'gpio':
      return createLinuxGpio(id, config.device);
    case 'w1':
      return kernelW1(id, machine);
    case 'serial':
      return createLinuxSerial(id, config);
    case 'modbus-rtu':
    case 'modbus-tcp':
      return openModbus(config, clock);
    case 'mqtt':
      return createBrokerBus(id, config.broker, () => brokerAccess(id, config, prefix, machine), clock);
    case 'sim':
      return createSimBus(id, config.chips, clock);
    case 'sim-spi':
      return createSimSpi(id, config.chips, clock);
    case 'sim-gpio':
      return createSimGpio(id, config.chips, clock);
    case 'sim-w1':
      return createSimW1(id, config.chips, clock);
    case 'sim-serial':
      return createSimSerial(id, config.chips, clock);
    case 'sim-modbus':
      return createSimModbus(id, config.chips, clock);
    case 'sim-mqtt':
      return createSimMqtt(id, config.chips, clock);
  }
}
