/**
 * A daemon with a Modbus slave on a serial line: a sensor that reads it, and two pumps on its coils that are never on
 * together. The slave is one that others wrote.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SensorState } from '../../src/shared/device-contract.ts';
import { daemonBundle, TestPrefix } from './daemon-process.ts';
import { ModbusSlave } from './modbus-slaves.ts';
import { PtyLine } from './pty.ts';
import { ASSETS } from './test-device.ts';

export const LEASE_MS = 1500;
/** Coils of the pumps. */
export const PUMP = 3;
export const DRAIN = 5;

/** The bundle with the addon beside it, as a slot has them. */
export async function serialSlot(): Promise<string> {
  const path = await daemonBundle();
  const addon = join(dirname(path), 'addons/linux.node');
  mkdirSync(dirname(addon), { recursive: true });
  copyFileSync(join(ASSETS, 'addons', process.arch, 'linux.node'), addon);
  return path;
}

export class ModbusDevice extends TestPrefix {
  readonly line = new PtyLine();
  slave!: ModbusSlave;

  constructor() {
    super({}, serialSlot);
  }

  /** Plugs the line, starts the slave, writes the configuration. `more`: parts of it besides. */
  async prepare(more: { buses?: object[]; sensors?: object[] } = {}): Promise<void> {
    await this.line.plug();
    await this.startSlave();
    const volts = { channel: 'voltage', quantity: 'voltage', table: 'input', address: 0, type: 'f32' };
    const pump = (id: string, coil: number) => ({
      id,
      kind: 'modbus-coil',
      bus: 'plant',
      unit: 1,
      coil,
      leaseMs: LEASE_MS,
    });
    // JSON is YAML; a pseudo terminal has no parity
    const config = {
      version: 1,
      buses: [
        { id: 'plant', kind: 'modbus-rtu', device: this.line.device, parity: 'none', timeoutMs: 300 },
        ...(more.buses ?? []),
      ],
      sensors: [
        { id: 'meter', driver: 'modbus-map', bus: 'plant', periodMs: 100, options: { channels: [volts] } },
        { id: 'load', driver: 'load', periodMs: 100 },
        ...(more.sensors ?? []),
      ],
      outputs: [pump('pump', PUMP), pump('drain', DRAIN)],
      interlocks: [{ never: ['pump', 'drain'] }],
    };
    this.config(JSON.stringify(config));
  }

  async startSlave(): Promise<void> {
    this.slave = await new ModbusSlave(this.line.far).ready();
  }

  async sensor(id: string): Promise<SensorState | undefined> {
    const client = await this.connect();
    const { sensors } = await client.call.status({});
    client.close();
    return sensors.find(({ sensor }) => sensor === id);
  }

  override async remove(): Promise<void> {
    await super.remove();
    await this.slave.end();
    await this.line.remove();
  }
}
