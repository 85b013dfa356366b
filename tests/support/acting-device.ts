/** A daemon with outputs on simulated lines, whose levels are files that anybody can look at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { DeviceEvent, OutputState } from '../../src/shared/output.ts';
import type { Client } from '../../src/shared/peer.ts';
import { TestPrefix, type DaemonProcess } from './daemon-process.ts';

export const LEASE_MS = 1500;

/** A valve, a drain that is never open with it, a heater by PWM. JSON is YAML. */
export function actingConfig(more: Record<string, unknown> = {}): string {
  const output = (id: string, line: number, rest: Record<string, unknown> = {}) => ({
    id,
    kind: 'gpio',
    bus: 'gpiochip0',
    line,
    leaseMs: LEASE_MS,
    ...rest,
  });
  return JSON.stringify({
    version: 1,
    buses: [
      { id: 'gpiochip0', kind: 'sim' },
      { id: 'i2c-1', kind: 'sim', chips: [{ chip: 'tmp102', address: 0x48, seed: 1 }] },
    ],
    sensors: [{ id: 'air', name: 'Air', driver: 'tmp102', bus: 'i2c-1', address: 0x48, periodMs: 200 }],
    outputs: [output('valve', 17), output('drain', 27), output('lamp', 22, { onBoot: 'hold' })],
    interlocks: [{ never: ['valve', 'drain'] }],
    timeZone: 'Europe/Berlin',
    ...more,
  });
}

/** Its rule holds the valve open as long as the sensor is there: every room is warmer than −50 °C. */
export const ALWAYS = {
  id: 'water',
  name: 'Water',
  when: { sensor: 'air', channel: 'temperature', above: -50 },
  set: { output: 'valve' },
};

export class ActingDevice extends TestPrefix {
  /** What a line shows: `0`, `1`, or nothing before anybody drove it. */
  line(number: number): string {
    try {
      return readFileSync(join(this.path, 'run/muster/lines/gpiochip0', String(number)), 'latin1');
    } catch {
      return '';
    }
  }

  /** Process id of the host that holds the outputs. */
  get hostPid(): number {
    return readFileSync(join(this.path, 'run/muster/outputs.cell')).readUInt32LE(4);
  }
}

export async function valueOf(client: Client<DeviceContract>, output: string): Promise<OutputState> {
  const { outputs } = await client.call.outputs({});
  return outputs.find((row) => row.output === output) as OutputState;
}

export function open(client: Client<DeviceContract>, output: string, forMs: number | null = null) {
  return client.call.setOutput({ output, value: 1, forMs, by: 'ann' });
}

/** Events in short: `valve 1>0 lease ann`. */
export async function told(client: Client<DeviceContract>): Promise<string[]> {
  const { events } = await client.call.events({ after: null, limit: 1000 });
  return events.map(short);
}

function short({ subject, before, value, cause, by, refused }: DeviceEvent): string {
  const change = refused === null ? `${before}>${value}` : `not ${value}`;
  return `${subject} ${change} ${cause} ${by}`.trim();
}

/** False also for a process that has ended and that nobody has asked about yet. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

export async function kill(daemon: DaemonProcess): Promise<void> {
  daemon.process.kill('SIGKILL');
  await daemon.ended;
}
