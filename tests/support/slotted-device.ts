/**
 * A device with slots, boot guard and supervising script below a folder of its own, as the installer leaves it, and the
 * real daemon in it; and a laptop's part of a push. Ended by the processes' environment, whatever became of them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { hostedProcesses } from '../../src/demo/hosted-processes.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../src/shared/device-contract.ts';
import type { FirmwareState, PublicKey } from '../../src/shared/firmware.ts';
import { connectPeer, type Client } from '../../src/shared/peer.ts';
import { daemonBundle } from './daemon-process.ts';
import { testKey, writeTestBundle, type TestBundle } from './firmware.ts';
import { until } from './until.ts';

const ASSETS = new URL('../../assets', import.meta.url).pathname;

/** Passed after 300 ms of health; a start has all the time that a busy machine takes. */
export const QUICK = { trialMs: 60_000, graceMs: 3000, steadyMs: 300, settleMs: 45_000, starts: 2 };

/** A process that takes seconds to start on a busy machine, ms. */
const PATIENCE_MS = 60_000;

export class SlottedDevice {
  readonly path = mkdtempSync(join(tmpdir(), 'mst-'));
  readonly opt = join(this.path, 'opt/muster');
  readonly state = join(this.path, 'var/lib/muster');
  readonly key = testKey();
  #bundles = 0;

  /** Laid out, not started. `version` of what the installer placed. */
  static async make(firmware: Partial<typeof QUICK> = {}, version = '1.0.0'): Promise<SlottedDevice> {
    const device = await SlottedDevice.lasting(firmware, version);
    onTestFinished(() => device.remove());
    return device;
  }

  /** The same outside of a test: whoever makes it removes it. */
  static async lasting(firmware: Partial<typeof QUICK> = {}, version = '1.0.0'): Promise<SlottedDevice> {
    const device = new SlottedDevice();
    device.#layOut(await daemonBundle(), version);
    device.trust(device.key.publicKey);
    device.config({ ...QUICK, ...firmware });
    return device;
  }

  config(firmware: Partial<typeof QUICK>): void {
    this.write(
      'var/lib/muster/config.yaml',
      `version: 1
journal: { flushMs: 20, idleFlushMs: 20 }
firmware: ${JSON.stringify(firmware)}
sensors:
  - { id: load, driver: load, periodMs: 50 }
  - { id: up, driver: uptime, periodMs: 50 }
`,
    );
  }

  trust(...keys: PublicKey[]): void {
    this.write('var/lib/muster/trust.json', JSON.stringify({ keys, revoked: [] }));
  }

  write(path: string, text: string): void {
    const at = join(this.path, path);
    mkdirSync(join(at, '..'), { recursive: true });
    writeFileSync(at, text);
  }

  read(path: string): string {
    return existsSync(join(this.path, path)) ? readFileSync(join(this.path, path), 'utf8') : '';
  }

  /** Slot that `current` leads to. */
  get current(): string {
    return readlinkSync(join(this.opt, 'current'));
  }

  get log(): string {
    return this.read('var/lib/muster/daemon.log');
  }

  start(): void {
    this.#supervise('start');
  }

  stop(): void {
    this.#supervise('stop');
  }

  /** Everything of it dies at this very moment, and comes up in another boot of the machine with `start`. */
  async powerCut(): Promise<void> {
    for (let left = await this.processes(); left.length > 0; left = await this.processes())
      for (const pid of left) kill(pid);
    this.write('proc/sys/kernel/random/boot_id', `boot-${Math.random()}\n`);
  }

  processes(): Promise<number[]> {
    return hostedProcesses([this.path]);
  }

  /** A laptop that has said hello; null while nobody answers. */
  async greet(): Promise<Client<DeviceContract> | null> {
    const client = connectPeer(
      socketPipe(connect(join(this.path, 'run/muster/muster.sock'))),
      deviceContract,
    );
    try {
      await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
      return client;
    } catch {
      client.close();
      return null;
    }
  }

  /** Calls once, on a connection of its own, as soon as the daemon answers. */
  async ask<T>(call: (client: Client<DeviceContract>) => Promise<T>): Promise<T> {
    let client: Client<DeviceContract> | null = null;
    await until(
      async () => (client = await this.greet()) !== null,
      () => `the daemon to answer\n${this.log.slice(-3000)}`,
      PATIENCE_MS,
    );
    const found = client as unknown as Client<DeviceContract>;
    try {
      return await call(found);
    } finally {
      found.close();
    }
  }

  /** What it says of its firmware once `wanted` holds; asks, and so says hello, every now and then. */
  async firmware(
    wanted: (state: FirmwareState) => boolean = () => true,
    what = 'firmware',
  ): Promise<FirmwareState> {
    let state: FirmwareState | null = null;
    await until(
      async () => {
        state = await this.ask((client) => client.call.firmware({})).catch(() => null);
        return state !== null && wanted(state);
      },
      () => `${what}: ${JSON.stringify(state)}\n${this.log.slice(-3000)}`,
      PATIENCE_MS,
    );
    return state as unknown as FirmwareState;
  }

  /** All sensors measure. */
  async measures(): Promise<void> {
    await until(
      () =>
        this.ask(async (client) => {
          const { sensors } = await client.call.status({});
          return sensors.length === 2 && sensors.every(({ state }) => state === 'ok');
        }),
      'both sensors',
      PATIENCE_MS,
    );
  }

  /** Every batch its journal holds, in order, as text. */
  recorded(): Promise<string[]> {
    return this.ask(async (client) => {
      const all: string[] = [];
      let after = null;
      for (;;) {
        const { batches } = await client.call.pull({ after, maxBytes: 1_000_000, waitMs: 0 });
        const last = batches.at(-1);
        if (!last) return all;
        for (const { run, batch, data } of batches)
          all.push(`${run}/${batch} ${Buffer.from(data).toString('base64')}`);
        after = { run: last.run, batch: last.batch };
      }
    });
  }

  /**
   * What has to be so after every fault: the version from before runs, confirmed, from slot `a`; both sensors measure;
   * the journal holds what it held, undamaged, and goes on. Answers with what it says of its firmware.
   */
  async expectUnharmed(recorded: readonly string[]): Promise<FirmwareState> {
    const state = await this.firmware(
      ({ running, trial }) => running === 'a' && trial === null,
      'the way back',
    );
    assert.equal(this.current, 'slots/a');
    await this.measures();
    const now = await this.recorded();
    assert.deepEqual(now.slice(0, recorded.length), recorded);
    const { journal, mode } = await this.ask((client) => client.call.status({}));
    const { damagedBatches, asides, lostReadings } = journal;
    assert.deepEqual(
      { damagedBatches, asides, lostReadings },
      { damagedBatches: 0, asides: [], lostReadings: 0 },
    );
    assert.equal(mode, 'normal');
    await until(async () => (await this.recorded()).length > now.length, 'new readings', PATIENCE_MS);
    return state;
  }

  /** A bundle file signed by this device's key unless told; its path. */
  async bundle(bundle: TestBundle = {}): Promise<string> {
    const path = join(this.path, `bundle-${this.#bundles++}.mfw`);
    await writeTestBundle(path, { keys: [this.key], ...bundle });
    return path;
  }

  /** The daemon with something done to it: `before` runs ahead of all else in the process that `run` starts. */
  async daemon(before = ''): Promise<string> {
    const text = readFileSync(await daemonBundle(), 'utf8');
    return `import { isMainThread as inMainThread } from 'node:worker_threads';
if (inMainThread && process.argv[2] === 'run') { ${before} }
${text}`;
  }

  /**
   * Offers, sends what is missing in pieces of `piece` bytes and installs, as a laptop does; resolves with the
   * manifest's hash once the daemon has hung up to restart.
   */
  async push(path: string, piece = 256 * 1024): Promise<string> {
    return this.ask(async (client) => {
      const manifest = await sendBundle(client, path, piece);
      await client.call.installFirmware({ manifest });
      await until(() => client.closed, 'the restart', PATIENCE_MS);
      return manifest;
    });
  }

  async remove(): Promise<void> {
    for (let left = await this.processes(); left.length > 0; left = await this.processes())
      for (const pid of left) kill(pid);
    rmSync(this.path, { recursive: true, force: true });
  }

  #layOut(daemon: string, version: string): void {
    for (const slot of ['a', 'factory']) {
      const folder = join(this.opt, 'slots', slot);
      mkdirSync(folder, { recursive: true });
      copyFileSync(daemon, join(folder, 'muster-daemon.mjs'));
      shareRuntime(join(folder, 'node'));
      writeFileSync(
        join(folder, 'manifest.json'),
        JSON.stringify({ version, sha256: '0', runtime: process.versions.node }),
      );
    }
    for (const folder of ['blobs', 'firmware']) mkdirSync(join(this.opt, folder));
    for (const script of ['muster-guard.sh', 'muster-supervise.sh'])
      copyFileSync(join(ASSETS, script), join(this.opt, script));
    symlinkSync('slots/a', join(this.opt, 'current'));
    mkdirSync(this.state, { recursive: true });
    writeFileSync(join(this.state, 'daemon.log'), '');
  }

  #supervise(command: string): void {
    execFileSync('sh', [join(this.opt, 'muster-supervise.sh'), command], {
      env: {
        MUSTER_PREFIX: this.path,
        MUSTER_ANNOUNCE_INTERFACE: '127.0.0.1',
        PATH: '/usr/local/bin:/usr/bin:/bin',
      },
      stdio: 'ignore',
    });
  }
}

/** Offers a bundle and sends what is missing; the manifest's hash. */
export async function sendBundle(
  client: Client<DeviceContract>,
  path: string,
  piece = 256 * 1024,
): Promise<string> {
  const bundle = await openBundle(path);
  try {
    const { manifestBytes, signatures } = bundle;
    const offer = await client.call.offerFirmware({ manifest: new Uint8Array(manifestBytes), signatures });
    for (const { sha256, packed, have } of offer.missing)
      for (let at = have; at < packed;) {
        const data = new Uint8Array(await bundle.readPacked(sha256, at, piece));
        at = (await client.call.writeBlob({ sha256, offset: at, data })).have;
      }
    return offer.manifest;
  } finally {
    await bundle.close();
  }
}

/** This Node at another place, without a copy of its 120 MB. */
function shareRuntime(to: string): void {
  try {
    linkSync(process.execPath, to);
  } catch {
    symlinkSync(process.execPath, to);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended by itself
  }
}
