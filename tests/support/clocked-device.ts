/**
 * The real daemon in this process on a clock that a test sets, behind a real socket, and an engine's link that brings
 * what it records into a real archive: for faults of clocks.
 */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseConfig } from '../../device/config.ts';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { startDaemon } from '../../device/daemon.ts';
import type { Supervisor } from '../../device/otp/supervisor.ts';
import { openMachine } from '../../device/platform/machine.ts';
import { pathsOf } from '../../device/platform/paths.ts';
import type { Archive } from '../../src/core/archive/archive.ts';
import { startLink, type Link, type LinkOptions } from '../../src/core/link/link.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../src/shared/device-contract.ts';
import { noLog, type Log } from '../../src/shared/log.ts';
import { connectPeer, type Client } from '../../src/shared/peer.ts';
import type { RunInfo } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { SetClock } from './set-clock.ts';
import { until } from './until.ts';

const CLOCKED_ID = '0f9b7a52-0000-4000-8000-00000000c10c';

export class ClockedDevice {
  readonly prefix = mkdtempSync(join(tmpdir(), 'muster-clock-'));
  readonly clock: SetClock;
  /** All it has logged. */
  readonly said: string[] = [];
  #root: Supervisor | null = null;
  #client: Client<DeviceContract> | null = null;

  /** `wall`: what its clock shows at first. No time service, no battery clock, boot `boot-1`. */
  constructor(wall: number) {
    this.clock = new SetClock(wall);
    this.#write('sys/class/rtc/none', '');
    this.#write('run/systemd/timesync/none', '');
    this.#write('var/lib/muster/identity.json', JSON.stringify({ id: CLOCKED_ID }));
    this.boot('boot-1');
    onTestFinished(async () => {
      await this.stop();
      rmSync(this.prefix, { recursive: true, force: true });
    });
  }

  /** Names the boot that the next start is in. */
  boot(id: string): void {
    this.#write('proc/sys/kernel/random/boot_id', id);
  }

  /** A time service sets the clock to `wall`, and leaves its sign. */
  synchronise(wall: number): void {
    this.clock.setWall(wall);
    const path = 'run/systemd/timesync/synchronized';
    this.#write(path, '');
    utimesSync(join(this.prefix, path), wall / 1000, wall / 1000);
  }

  async start(): Promise<void> {
    const log: Log = (level, message, facts) =>
      this.said.push(`${level} ${message} ${JSON.stringify(facts)}`);
    this.#root = await startDaemon({
      paths: pathsOf(this.prefix),
      machine: openMachine(this.prefix),
      config: parseConfig(`
version: 1
announce: { by: none }
journal: { flushMs: 50, idleFlushMs: 50 }
hosts: { mode: inline }
sensors: [{ id: load, driver: load, periodMs: 20 }]
`),
      configProblem: null,
      entry: new URL('../../device/main.ts', import.meta.url),
      announceOn: '127.0.0.1',
      log,
      clock: this.clock,
    });
    this.#client = connectPeer(await this.open(), deviceContract);
    await this.look();
  }

  async stop(): Promise<void> {
    this.#client?.close();
    this.#root?.shutdown();
    await this.#root?.exited;
    this.#root = null;
  }

  /** Makes the daemon look at its clock now, as it does every 5 s and whenever a laptop comes. */
  async look(): Promise<void> {
    await this.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
  }

  get call(): Client<DeviceContract>['call'] {
    return this.#client!.call;
  }

  open = async () => socketPipe(connect(pathsOf(this.prefix).socket));

  async run(): Promise<RunInfo> {
    const { runs } = await this.call.runs({ from: 1 });
    return runs.find(({ current }) => current)!;
  }

  /** Waits until `batches` more batches are in the journal. */
  async records(batches = 3): Promise<void> {
    const { lastBatch } = await this.run();
    await until(async () => (await this.run()).lastBatch >= lastBatch + batches, 'readings');
  }

  /** The batches as they are kept, to be compared byte by byte. */
  async batches(run: number, upTo: number): Promise<string[]> {
    const all: string[] = [];
    let after = null;
    for (;;) {
      const { batches } = await this.call.pull({ after, maxBytes: 1_000_000, waitMs: 0 });
      const last = batches.at(-1);
      if (!last) break;
      for (const each of batches)
        if (each.run === run && each.batch <= upTo) all.push(Buffer.from(each.data).toString('hex'));
      after = { run: last.run, batch: last.batch };
    }
    return all;
  }

  #write(path: string, text: string): void {
    const at = join(this.prefix, path);
    mkdirSync(join(at, '..'), { recursive: true });
    writeFileSync(at, text);
  }
}

/** Links `archive` to the device as an engine does, until the test ends. */
export function linkTo(
  device: ClockedDevice,
  archive: Archive,
  more: Partial<LinkOptions> & { clock?: Clock } = {},
): Link {
  const link = startLink({
    device: CLOCKED_ID,
    open: device.open,
    archive,
    clock: realClock,
    log: noLog,
    onState: () => {},
    onHello: () => {},
    onNews: () => {},
    onReadings: () => {},
    onAhead: () => {},
    ...more,
  });
  onTestFinished(() => link.stop());
  return link;
}
