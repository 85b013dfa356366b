/**
 * One virtual device: its folder, its SSH server, its processor's wandering temperature.
 * Called by virtual-fleet.ts.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../shared/log.ts';
import type { Clock } from '../shared/time.ts';
import { openDeviceFolder, writeDeviceConfig } from './device-folder.ts';
import { processorTemperature, type DeviceProfile } from './device-profile.ts';
import { startSshServer, type SshServerEvent } from './ssh-server.ts';

const TEMPERATURE_MS = 1000;
/** The account on every device, as Raspberry Pi OS once had it. */
export const USER = 'pi';

export interface VirtualDevice {
  name: string;
  port: number;
  /** Hardware address: the maker's half, then the end of the serial, as on a Pi. */
  hardware: string;
  folder: string;
  /** Resets its SSH connections; answers with how many there were. */
  cut(): number;
  stop(): Promise<void>;
}

export interface VirtualDeviceOptions {
  profile: DeviceProfile;
  /** Folder of this device, made when it is not there. */
  folder: string;
  password: string;
  clock: Clock;
  log: Log;
  onEvent: (event: SshServerEvent) => void;
}

/** Starts a device. Throws what the file system or the network says. */
export async function startVirtualDevice(options: VirtualDeviceOptions): Promise<VirtualDevice> {
  const { profile, password, clock, log, onEvent } = options;
  const folder = await openDeviceFolder(options.folder, profile);
  const ssh = await startSshServer({
    folder: folder.path,
    home: folder.home,
    user: USER,
    password,
    environment: environmentOf(folder.path, folder.home),
    port: folder.lastPort,
    clock,
    log,
    onEvent,
  });
  await writeDeviceConfig(folder, profile, ssh.port);

  const since = clock.monotonic();
  let cancel = (): void => {};
  let stopped = false;
  async function warm(): Promise<void> {
    const text = `${processorTemperature(profile, (clock.monotonic() - since) / 1000)}\n`;
    // Always as long as before and written at once: a reader sees the old value or the new one.
    await writeFile(folder.thermal, text, { flag: 'r+' }).catch((error: Error) =>
      log('warn', 'temperature', { device: profile.name, error: error.message }),
    );
    if (!stopped)
      cancel = clock.after(TEMPERATURE_MS, () => {
        writing = warm();
      });
  }
  let writing = warm();

  return {
    name: profile.name,
    port: ssh.port,
    hardware: `b8:27:eb:${(folder.serial.slice(-6).match(/../g) ?? []).join(':')}`,
    folder: folder.path,
    cut: () => ssh.cut(),
    async stop() {
      stopped = true;
      cancel();
      await Promise.all([writing, ssh.close()]);
    },
  };
}

/** All that a command on the device gets to see. Nothing of this process's own environment is in it. */
function environmentOf(folder: string, home: string): Record<string, string> {
  return {
    HOME: home,
    USER,
    LOGNAME: USER,
    SHELL: '/bin/sh',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    TMPDIR: join(folder, 'tmp'),
    MUSTER_PREFIX: folder,
    MUSTER_ANNOUNCE_INTERFACE: '127.0.0.1',
  };
}
