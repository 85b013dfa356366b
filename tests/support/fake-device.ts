/** A daemon's side of the device contract over a scripted journal, for tests of link and ingest. */
import { zstdCompressSync } from 'node:zlib';
import { encodeBatch } from '../../src/shared/batch.ts';
import {
  deviceContract,
  PROTOCOL,
  type DeviceContract,
  type WireBatch,
} from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { servePeer, type Handlers } from '../../src/shared/peer.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import { compareCursors, type ChannelInfo, type Cursor, type RunInfo } from '../../src/shared/reading.ts';
import { FakeConfiguration } from './fake-configuration.ts';
import { FakeFirmware } from './fake-firmware.ts';
import { pipePair } from './pipe-pair.ts';

export const DEVICE_ID = '0f9b7a52-0000-4000-8000-000000000001';
export const RUN_START = Date.UTC(2026, 4, 3, 12);

/** A reading as a test writes it. */
export interface Row {
  /** Ms on the run's clock. */
  ms: number;
  channel: number;
  value: number;
  quality?: number;
}

/** A declared channel with index `index`. */
export function channelInfo(index: number, more: Partial<ChannelInfo> = {}): ChannelInfo {
  return {
    index,
    sensor: `s${index}`,
    sensorName: `Sensor ${index}`,
    driver: 'sim',
    channel: 'temperature',
    quantity: 'temperature',
    unit: 'Cel',
    decimals: 2,
    periodMs: 1000,
    ...more,
  };
}

/** A run's account, current unless told. */
export function runInfo(run: number, more: Partial<RunInfo> = {}): RunInfo {
  return {
    run,
    bootId: `boot-${run}`,
    offsetMs: RUN_START + run * 1_000_000,
    clock: 'ntp',
    firstBatch: 1,
    lastBatch: 0,
    current: true,
    channels: [channelInfo(0), channelInfo(1)],
    ...more,
  };
}

/** A batch's bytes; `packed` as a journal packs it. */
export function batchBytes(rows: readonly Row[], packed = false): Uint8Array {
  const baseMs = rows.reduce((least, r) => Math.min(least, r.ms), rows[0]?.ms ?? 0);
  const bytes = encodeBatch({
    baseMs,
    value: Float64Array.from(rows, (r) => r.value),
    deltaUs: Uint32Array.from(rows, (r) => Math.round((r.ms - baseMs) * 1000)),
    channel: Uint32Array.from(rows, (r) => r.channel),
    quality: Uint8Array.from(rows, (r) => r.quality ?? 0),
  });
  return packed ? new Uint8Array(zstdCompressSync(bytes)) : bytes;
}

export function wireBatch(run: number, batch: number, rows: readonly Row[], packed = false): WireBatch {
  return { run, batch, data: new Uint8Array(batchBytes(rows, packed)) };
}

type Pull = { after: Cursor | null; maxBytes: number; waitMs: number };

/** A device whose journal a test fills; any handler can be replaced to misbehave. */
export class FakeDevice {
  readonly id = DEVICE_ID;
  readonly runs: RunInfo[] = [];
  batches: WireBatch[] = [];
  trimmedTo: Cursor | null = null;
  protocol = PROTOCOL;
  /** Set to make the next openings fail. */
  refuse: MusterError | null = null;
  opened = 0;
  readonly pulls: Pull[] = [];
  handlers: Partial<Handlers<DeviceContract>> = {};
  readonly firmware = new FakeFirmware();
  readonly configuration = new FakeConfiguration();
  #cut: (() => void) | null = null;
  #waiting = new Set<() => void>();

  /** Begins a run; the one before is over. */
  start(more: Partial<RunInfo> = {}): RunInfo {
    for (const run of this.runs) run.current = false;
    const info = runInfo(this.runs.length + 1, more);
    this.runs.push(info);
    return info;
  }

  /** Appends a batch to the current run and wakes who waits. */
  append(rows: readonly Row[], packed = false): WireBatch {
    const run = this.runs.at(-1)!;
    run.lastBatch++;
    const batch = wireBatch(run.run, run.lastBatch, rows, packed);
    this.batches.push(batch);
    for (const wake of this.#waiting) wake();
    return batch;
  }

  /** Drops batches up to a cursor, as a full journal does. */
  trim(to: Cursor): void {
    this.batches = this.batches.filter((b) => compareCursors(b, to) > 0);
    this.trimmedTo = to;
    for (const run of this.runs) {
      run.firstBatch = this.batches.find((b) => b.run === run.run)?.batch ?? 0;
    }
  }

  /** Opens a connection, as `open` of a link. */
  open = async (): Promise<Pipe> => {
    this.opened++;
    if (this.refuse) throw this.refuse;
    const { a, b, cut } = pipePair();
    this.#cut = cut;
    servePeer(b, deviceContract, { ...this.#honest(), ...this.handlers });
    return a;
  };

  /** Pulls the cable. */
  cut(): void {
    this.#cut?.();
  }

  #honest(): Handlers<DeviceContract> {
    return {
      hello: ({ protocol }) => {
        if (protocol !== this.protocol)
          throw new MusterError('PROTOCOL_MISMATCH', 'other protocol', {
            expected: this.protocol,
            actual: protocol,
          });
        const run = this.runs.at(-1)!;
        const { bootId, clock } = run;
        const device = { id: this.id, serial: '1', hostname: 'h', model: 'm', arch: 'x64', system: 's' };
        const times = { monotonicMs: 0, wallMs: run.offsetMs };
        return { protocol, daemonVersion: '0.1.0', device, run: run.run, bootId, clock, ...times };
      },
      runs: ({ from }) => ({ runs: this.runs.filter((r) => r.run >= from) }),
      channels: ({ run, from }) => ({
        channels: (this.runs.find((r) => r.run === run)?.channels ?? []).filter((c) => c.index >= from),
      }),
      restartBranch: () => ({}),
      takeOut: () => ({}),
      putBack: () => ({}),
      leaveSafeMode: () => ({}),
      publishers: () => ({ publishers: [] }),
      outputs: () => ({ outputs: [] }),
      setOutput: () => {
        throw new MusterError('UNSUPPORTED', 'no outputs here');
      },
      rules: () => ({ rules: [], timeZone: 'UTC', clockSet: true }),
      events: () => ({ events: [], trimmed: false }),
      buses: () => ({ buses: [], byItself: null }),
      scanBus: ({ bus }) => {
        throw new MusterError('BUS_MISSING', `there is no bus ${bus}`, { bus });
      },
      ...this.firmware.handlers(),
      ...this.configuration.handlers(),
      pull: async (input) => {
        this.pulls.push(input);
        if (this.#after(input.after).length === 0 && input.waitMs > 0)
          await new Promise<void>((wake) => {
            this.#waiting.add(wake);
          });
        const batches: WireBatch[] = [];
        let bytes = 0;
        for (const batch of this.#after(input.after)) {
          bytes += batch.data.length;
          if (batches.length > 0 && bytes > input.maxBytes) break;
          batches.push(batch);
        }
        const { trimmedTo } = this;
        const news = trimmedTo && (!input.after || compareCursors(trimmedTo, input.after) > 0);
        const last = this.batches.at(-1);
        return {
          batches,
          trimmedTo: news ? trimmedTo : null,
          head: last ? { run: last.run, batch: last.batch } : null,
        };
      },
      status: () => {
        throw new MusterError('UNSUPPORTED', 'no status here');
      },
      tree: () => ({ rows: [] }),
      offerTime: () => {
        const { offsetMs, clock } = this.runs.at(-1)!;
        return { verdict: 'has-better', clock, offsetMs, movedMs: 0 };
      },
      clock: () => {
        const { run, offsetMs, clock } = this.runs.at(-1)!;
        return { run, monotonicMs: 0, believed: { offsetMs, clock }, observations: [], events: [] };
      },
    };
  }

  #after(cursor: Cursor | null): WireBatch[] {
    return this.batches.filter((b) => !cursor || compareCursors(b, cursor) > 0);
  }
}
