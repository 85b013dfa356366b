/**
 * Devices that are nearby although nobody brought any: N virtual ones, announced on loopback.
 * Owns: their names, their order of start and end, and that nothing of them is left behind.
 * Refuses: to touch a folder that it did not make. Called by main.ts.
 */
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MusterError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { Clock } from '../shared/time.ts';
import { startAnnouncer } from './announcement.ts';
import { MARK, MAX_FOLDER_BYTES } from './device-folder.ts';
import { deviceProfile, type DeviceProfile } from './device-profile.ts';
import { endHostedProcesses } from './hosted-processes.ts';
import { newPassword } from './password.ts';
import type { SshServerEvent } from './ssh-server.ts';
import { startVirtualDevice, USER, type VirtualDevice } from './virtual-device.ts';

/** The longest name of a device, with room for its number. */
const LONGEST_NAME = 'weather-mast-999'.length;

export interface VirtualFleet {
  user: string;
  password: string;
  devices: { name: string; host: string; port: number }[];
  /** Resets the SSH connections of device `index`, from 0; answers with how many. Throws DEVICE_UNKNOWN. */
  cut(index: number): number;
  /** Says goodbye, ends servers and all that runs on the devices, then removes their folders unless `keep`. */
  stop(keep: boolean): Promise<void>;
}

export interface VirtualFleetOptions {
  count: number;
  /** Folder of the devices' folders, made in one that is there; devices that it holds from before come back first. */
  dir: string;
  clock: Clock;
  log: Log;
  onEvent: (device: number, event: SshServerEvent) => void;
}

/** Starts `count` devices. Throws DEMO_FAILED saying what is in the way; nothing stays running then. */
export async function startVirtualFleet(options: VirtualFleetOptions): Promise<VirtualFleet> {
  const { count, clock, log } = options;
  const dir = resolve(options.dir);
  if (process.platform !== 'linux')
    throw new MusterError('DEMO_FAILED', `virtual devices run Linux programs; this is ${process.platform}`, {
      platform: process.platform,
    });
  const room = MAX_FOLDER_BYTES - LONGEST_NAME - 1;
  if (Buffer.byteLength(dir) > room)
    throw new MusterError('DEMO_FAILED', `the folder's path is over ${room} bytes: ${dir}`, { path: dir });
  // Not recursive: Node tries for ever where a folder cannot be made in one that is there, as in /proc.
  await mkdir(dir, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST')
      throw new MusterError('DEMO_FAILED', `${dir} cannot be made: ${cause.message}`, { path: dir }, cause);
  });

  const announcer = await startAnnouncer({ clock, log });
  const password = newPassword();
  const devices: VirtualDevice[] = [];
  const folders: string[] = [];

  async function stop(keep: boolean): Promise<void> {
    await Promise.all([announcer.stop(), ...devices.map((device) => device.stop())]);
    await endAll(folders, clock, log);
    if (keep) return;
    await Promise.all(folders.map((folder) => removeFolder(folder)));
    // Whatever else it holds is not ours, and keeps it.
    await rmdir(dir).catch(() => {});
  }

  try {
    const profiles = await chooseProfiles(dir, count, await announcer.namesInUse());
    folders.push(...profiles.map(({ name }) => join(dir, name)));
    // What an earlier fleet in this folder left running when it was killed.
    await endAll(folders, clock, log);
    const starts = await Promise.allSettled(
      profiles.map((profile, index) =>
        startVirtualDevice({
          profile,
          folder: join(dir, profile.name),
          password,
          clock,
          log,
          onEvent: (event) => options.onEvent(index, event),
        }),
      ),
    );
    devices.push(...starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : [])));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) throw failed.reason;
  } catch (cause) {
    await stop(false);
    throw new MusterError('DEMO_FAILED', (cause as Error).message, {}, cause);
  }
  for (const device of devices) announcer.add(device);

  return {
    user: USER,
    password,
    devices: devices.map(({ name, port }) => ({ name, host: '127.0.0.1', port })),
    cut(index) {
      const device = devices[index];
      if (!device) throw new MusterError('DEVICE_UNKNOWN', `there is no virtual device ${index}`, { index });
      return device.cut();
    },
    stop,
  };
}

/** Devices that `dir` holds already, then the first whose names nobody else has on loopback. */
async function chooseProfiles(dir: string, count: number, inUse: Set<string>): Promise<DeviceProfile[]> {
  const made = new Set<string>();
  for (const name of await readdir(dir)) if (await isOurs(join(dir, name))) made.add(name);
  const old: DeviceProfile[] = [];
  const fresh: DeviceProfile[] = [];
  for (let number = 1; old.length < made.size || old.length + fresh.length < count; number++) {
    if (number > 999) break;
    const profile = deviceProfile(number);
    if (made.has(profile.name)) old.push(profile);
    else if (!inUse.has(profile.name)) fresh.push(profile);
  }
  return [...old, ...fresh].slice(0, count);
}

function isOurs(folder: string): Promise<boolean> {
  return stat(join(folder, MARK)).then(
    () => true,
    () => false,
  );
}

/** Removes a device's folder, and nothing that is none. */
export async function removeFolder(folder: string): Promise<void> {
  if (await isOurs(folder)) await rm(folder, { recursive: true, force: true });
}

async function endAll(folders: string[], clock: Clock, log: Log): Promise<void> {
  const left = await endHostedProcesses(folders, clock);
  if (left.length > 0) log('error', 'processes that cannot be ended', { ids: left.join(' ') });
}
