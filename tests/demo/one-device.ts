/** One virtual device in this process, under a name of its own: tests that run beside each other do not meet. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../src/core/real-clock.ts';
import { deviceProfile } from '../../src/demo/device-profile.ts';
import type { SshServerEvent } from '../../src/demo/ssh-server.ts';
import { startVirtualDevice, type VirtualDevice } from '../../src/demo/virtual-device.ts';
import { noLog } from '../../src/shared/log.ts';

export interface OneDevice extends VirtualDevice {
  home: string;
  password: string;
  events: SshServerEvent[];
  /** Stops it and starts it in the same folder. */
  restart(): Promise<OneDevice>;
  remove(): Promise<void>;
}

export async function oneDevice(
  name = `t-${randomBytes(3).toString('hex')}`,
  dir = mkdtempSync(join(tmpdir(), 'mvd-')),
): Promise<OneDevice> {
  const password = 'right-password';
  const events: SshServerEvent[] = [];
  const device = await startVirtualDevice({
    profile: { ...deviceProfile(1), name },
    folder: join(dir, name),
    password,
    clock: realClock,
    log: noLog,
    onEvent: (event) => events.push(event),
  });
  return {
    ...device,
    home: join(device.folder, 'home'),
    password,
    events,
    async restart() {
      await device.stop();
      return oneDevice(name, dir);
    },
    async remove() {
      await device.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
