/** The daemon with misbehaving drivers as a bundle of its own, as fast to start as the real one, and what to ask it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { DeviceContract, SensorState, TreeRow } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import { unpack } from './daemon-process.ts';

let bundled: Promise<string> | null = null;

/** Path of the bundle, one a test process. */
export function faultyBundle(): Promise<string> {
  bundled ??= bundle(join(mkdtempSync(join(tmpdir(), 'muster-faulty-')), 'muster-daemon.mjs'));
  return bundled;
}

async function bundle(file: string): Promise<string> {
  const made = await rolldown({
    input: join(import.meta.dirname, 'faulty-daemon.ts'),
    platform: 'node',
    external: ['msgpackr-extract'],
    logLevel: 'warn',
  });
  await made.write({ file, format: 'esm', minify: true, codeSplitting: false });
  await made.close();
  return file;
}

/** A sensor of such a daemon; every 100 ms unless told. */
export interface FaultySensor {
  id: string;
  driver: string;
  periodMs?: number;
  options?: Record<string, unknown>;
}

/** A configuration with these sensors by bus. `hosts`: that part of it, as YAML. */
export function faultyConfig(buses: Record<string, FaultySensor[]>, hosts = '{}'): string {
  const rows = Object.entries(buses).flatMap(([bus, sensors]) =>
    sensors.map((sensor) => `  - ${JSON.stringify({ bus, periodMs: 100, ...sensor })}`),
  );
  const made = Object.keys(buses).map((id) => `  - { id: ${id}, kind: sim }`);
  return [
    'version: 1',
    'journal: { flushMs: 50, idleFlushMs: 50 }',
    `hosts: ${hosts}`,
    'buses:',
    ...made,
    'sensors:',
    ...rows,
    '',
  ].join('\n');
}

/** Follows the journal: monotonic times of every reading, by sensor. */
export class Readings {
  readonly times = new Map<string, number[]>();
  readonly #client: Client<DeviceContract>;
  readonly #names: string[] = [];
  #after: Cursor | null = null;

  constructor(client: Client<DeviceContract>) {
    this.#client = client;
  }

  /** Takes all that the journal holds now. */
  async take(): Promise<void> {
    for (;;) {
      const { batches } = await this.#client.call.pull({
        after: this.#after,
        maxBytes: 1_000_000,
        waitMs: 0,
      });
      if (batches.length === 0) return;
      for (const { run, batch, data } of batches) {
        this.#after = { run, batch };
        const { baseMs, deltaUs, channel, value } = unpack(data);
        for (let i = 0; i < value.length; i++) {
          if (Number.isNaN(value[i])) continue;
          const sensor = await this.#nameOf(run, channel[i] as number);
          const times = this.times.get(sensor) ?? [];
          times.push(baseMs + (deltaUs[i] as number) / 1000);
          this.times.set(sensor, times);
        }
      }
    }
  }

  of(sensor: string): number[] {
    return this.times.get(sensor) ?? [];
  }

  /** Longest time between two readings of a sensor, and to the first after `from`, ms. */
  longestGap(sensor: string, from = 0): number {
    const times = this.of(sensor).filter((at) => at >= from);
    return Math.max(0, ...times.slice(1).map((at, i) => at - (times[i] as number)));
  }

  async #nameOf(run: number, channel: number): Promise<string> {
    if (this.#names[channel] === undefined) {
      const { channels } = await this.#client.call.channels({ run, from: 0 });
      for (const { index, sensor } of channels) this.#names[index] = sensor;
    }
    return this.#names[channel] ?? '?';
  }
}

export async function sensorState(
  client: Client<DeviceContract>,
  sensor: string,
): Promise<SensorState | undefined> {
  return (await client.call.status({})).sensors.find((row) => row.sensor === sensor);
}

export async function treeRow(client: Client<DeviceContract>, path: string): Promise<TreeRow | undefined> {
  return (await client.call.tree({})).rows.find((row) => row.path === path);
}
