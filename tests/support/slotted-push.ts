/** Campaigns to one real daemon with slots and boot guard, over a pipe that a test may cut. */
import { existsSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { createCampaigns, type Campaigns } from '../../src/core/firmware/campaigns.ts';
import { deviceTarget } from '../../src/core/firmware/device-target.ts';
import { realClock } from '../../src/core/real-clock.ts';
import type { Campaign, CampaignStage, FirmwareFile } from '../../src/shared/campaign.ts';
import { noLog } from '../../src/shared/log.ts';
import { bareDevice } from './fake-fleet.ts';
import { firmwareFile } from './firmware-file.ts';
import { SlottedDevice } from './slotted-device.ts';
import { until } from './until.ts';

/** Passes bytes on to a unix socket, and cuts every connection at the byte a test names. */
export class CuttingProxy {
  readonly path: string;
  /** Bytes from the laptop so far. */
  passed = 0;
  /** Told of all that the laptop sends, before it goes on. */
  onBytes = (_bytes: Buffer): void => {};
  /** At this many of them the line is cut, once. */
  cutAt = Infinity;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(path: string, to: string) {
    this.path = path;
    this.#server = createServer((near) => this.#pass(near, connect(to))).listen(path);
    onTestFinished(() => {
      this.cut();
      this.#server.close();
    });
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    far.pipe(near);
    near.on('data', (bytes: Buffer) => {
      const left = this.cutAt - this.passed;
      this.passed += bytes.length;
      this.onBytes(bytes);
      if (bytes.length < left) return void far.write(bytes);
      this.cutAt = Infinity;
      far.write(bytes.subarray(0, left), () => this.cut());
    });
  }
}

/** Packed bytes that a device lacks of a bundle, by what lies on its disk. */
export async function lackedBytes(device: SlottedDevice, path: string): Promise<number> {
  const bundle = await openBundle(path);
  await bundle.close();
  const folder = join(device.opt, 'blobs');
  let lacked = 0;
  for (const { sha256, packed } of bundle.manifest.blobs) {
    if (existsSync(join(folder, sha256))) continue;
    const part = join(folder, `${sha256}.${packed}.part`);
    lacked += packed - (existsSync(part) ? statSync(part).size : 0);
  }
  return lacked;
}

export class SlottedPush {
  readonly device: SlottedDevice;
  readonly proxy: CuttingProxy;
  readonly campaigns: Campaigns;
  /** Called with the name and size of each call to the device; `cut` comes before it is sent, `cut-after` right after. */
  onCall = (_name: string, _bytes: number): 'cut' | 'cut-after' | undefined => undefined;
  #file: FirmwareFile = firmwareFile();

  /** Starts the device and waits until it measures. */
  static async start(): Promise<SlottedPush> {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    return new SlottedPush(device);
  }

  private constructor(device: SlottedDevice) {
    this.device = device;
    this.proxy = new CuttingProxy(
      join(device.path, 'proxy.sock'),
      join(device.path, 'run/muster/muster.sock'),
    );
    this.campaigns = this.laptop('one');
  }

  /** Where the device of the newest push is. */
  get stage(): CampaignStage | undefined {
    return this.campaigns.snapshot()[0]?.rows[0]?.stage;
  }

  /** A laptop's campaigns, in a folder of its own. */
  laptop(name: string): Campaigns {
    const campaigns = createCampaigns({
      dir: join(this.device.path, `laptop-${name}`),
      clock: realClock,
      log: noLog,
      device: (id) => bareDevice(id, 'pump', 0, { presence: 'nearby' }),
      inspect: () => Promise.resolve(this.#file),
      target: (device, file) =>
        deviceTarget({
          device,
          open: () => Promise.resolve(this.#pipe()),
          file,
          clock: realClock,
          log: noLog,
        }),
      emit: () => {},
      resume: true,
    });
    onTestFinished(() => campaigns.close());
    return campaigns;
  }

  /** Pushes a bundle and answers with the ended campaign. */
  async push(path: string, campaigns = this.campaigns): Promise<Campaign> {
    const bundle = await openBundle(path);
    this.#file = firmwareFile({ path, identity: bundle.manifestHash, version: bundle.manifest.version });
    await bundle.close();
    const { device } = await this.device.ask((client) =>
      client.call.hello({ protocol: 1, client: 'test', clientVersion: '0' }),
    );
    const order = { canary: 1, cap: 8, maxFailures: 1 };
    const id = await campaigns.start({ paths: [path], devices: [device.id], ...order });
    const now = () => campaigns.snapshot().find((one) => one.id === id)!;
    await until(
      () => now().endedAt !== null,
      () => `the end: ${JSON.stringify(now().rows)}`,
      90_000,
    );
    return now();
  }

  #pipe() {
    const pipe = socketPipe(connect(this.proxy.path));
    return {
      ...pipe,
      send: (message: Uint8Array) => {
        const name = /\b(hello|firmware|offerFirmware|writeBlob|installFirmware)\b/.exec(
          Buffer.from(message.subarray(0, 80)).toString('latin1'),
        )?.[1];
        const what = name === undefined ? undefined : this.onCall(name, message.length);
        if (what === 'cut') return this.proxy.cut();
        pipe.send(message);
        // after the bytes have gone their way
        if (what === 'cut-after') setTimeout(() => this.proxy.cut(), 5);
      },
    };
  }
}
