/** A Modbus bus as configured, over its wire. Called for the drivers' host and for the outputs' process, each its own. */
import type { Clock } from '../../../src/shared/time.ts';
import type { BusConfig } from '../bus-config.ts';
import { createModbus, type ModbusBus } from './modbus-bus.ts';
import { createRtuLine } from './rtu-line.ts';
import { createTcpLine } from './tcp-line.ts';

export type ModbusConfig = Extract<BusConfig, { kind: 'modbus-rtu' | 'modbus-tcp' }>;

/** Opens nothing yet: the wire is opened when it is first asked. */
export function openModbus(config: ModbusConfig, clock: Clock): ModbusBus {
  const { id, timeoutMs } = config;
  const line =
    config.kind === 'modbus-rtu'
      ? createRtuLine(id, config, clock)
      : createTcpLine(id, { ...config, host: config.address }, clock);
  return createModbus(id, line, { clock, timeoutMs });
}
