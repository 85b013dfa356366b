/**
 * The folder tree that stands for a board: the few files that describe a machine, a home, a daemon's configuration.
 * Owns: their paths and first contents. What is there already stays: a device is the same after a restart.
 * Called by virtual-device.ts.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import type { DeviceProfile } from './device-profile.ts';

/** Paths of one device, absolute. */
export interface DeviceFolder {
  path: string;
  home: string;
  /** thermal_zone0's temperature file. */
  thermal: string;
  /** Serial of the board, 16 hexadecimal digits. */
  serial: string;
  /** Port that its SSH server had last, 0 before the first. */
  lastPort: number;
}

/** Present in every folder made here; without it a folder is not ours to remove. */
export const MARK = '.muster-virtual-device';

const CONFIG = 'var/lib/muster/config.yaml';

/**
 * Longest path of a folder: `/run/muster/muster.sock` below it must fit a unix socket's address, 107 bytes
 * (unix(7), sun_path).
 */
export const MAX_FOLDER_BYTES = 107 - '/run/muster/muster.sock'.length;

/** Makes the tree at `path`, whole or not at all, unless it is there. */
export async function openDeviceFolder(path: string, profile: DeviceProfile): Promise<DeviceFolder> {
  const serialPath = 'proc/device-tree/serial-number';
  const zone = 'sys/class/thermal/thermal_zone0';
  const stored = await readFile(join(path, serialPath), 'utf8').catch(() => null);
  // A Pi's serial: eight fixed digits, then eight of its own. Device-tree strings end with a NUL.
  const serial = stored?.replaceAll('\0', '') ?? `10000000${randomBytes(4).toString('hex')}`;
  if (stored === null) {
    const unfinished = `${path}.new`;
    await rm(unfinished, { recursive: true, force: true });
    const files: Record<string, string> = {
      [MARK]: '',
      'etc/hostname': `${profile.name}\n`,
      'etc/machine-id': `${randomBytes(16).toString('hex')}\n`,
      'etc/os-release': `PRETTY_NAME="${profile.system}"\nID=debian\n`,
      'proc/device-tree/model': `${profile.model}\0`,
      [serialPath]: `${serial}\0`,
      [`${zone}/type`]: 'cpu-thermal\n',
      [`${zone}/temp`]: '45000\n',
      // A time service has set this clock: it is the laptop's own.
      'run/systemd/timesync/synchronized': '',
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(unfinished, name)), { recursive: true });
      await writeFile(join(unfinished, name), content);
    }
    // an empty /dev: its buses are not those of the laptop
    for (const name of ['home', 'tmp', 'var/lib', 'run', 'opt', 'dev'])
      await mkdir(join(unfinished, name), { recursive: true });
    await chmod(unfinished, 0o700);
    await rename(unfinished, path);
  }
  const config = await readFile(join(path, CONFIG), 'utf8').catch(() => '');
  const port: unknown = parseDocument(config).getIn(['announce', 'sshPort']);
  const lastPort = typeof port === 'number' && port > 0 && port < 65_536 ? port : 0;
  return { path, home: join(path, 'home'), thermal: join(path, zone, 'temp'), serial, lastPort };
}

/** Writes the daemon's configuration, or puts the port right in the one that is there. */
export async function writeDeviceConfig(
  folder: DeviceFolder,
  profile: DeviceProfile,
  sshPort: number,
): Promise<void> {
  const path = join(folder.path, CONFIG);
  await mkdir(dirname(path), { recursive: true });
  const stored = await readFile(path, 'utf8').catch(() => null);
  let text: string;
  if (stored === null) text = stringify(deviceConfig(folder, profile, sshPort));
  else {
    const document = parseDocument(stored);
    document.setIn(['announce', 'sshPort'], sshPort);
    text = document.toString();
  }
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
}

/** A configuration as device/config.ts takes it: simulated chips on one bus, and what the board itself measures. */
function deviceConfig(folder: DeviceFolder, profile: DeviceProfile, sshPort: number) {
  const { name, temperature, humidity, pressure, light, probe } = profile;
  const seed = Number.parseInt(folder.serial.slice(-6), 16);
  return {
    version: 1,
    name,
    announce: { by: 'self', sshPort, name },
    // Somebody is looking: firmware proves itself in seconds.
    firmware: { steadyMs: 5000, settleMs: 20_000, graceMs: 60_000, trialMs: 90_000 },
    buses: [
      {
        id: 'i2c-1',
        kind: 'sim',
        chips: [
          { chip: 'bme280', address: 0x76, seed, temperature, humidity, pressure },
          { chip: 'bh1750', address: 0x23, seed: seed + 1, light },
          { chip: 'tmp102', address: 0x48, seed: seed + 2, temperature: probe },
          // nobody measures it: for whoever looks what else is there
          { chip: 'sht4x', address: 0x44, seed: seed + 3, temperature, humidity },
        ],
      },
      ...(profile.acts ? [{ id: 'gpiochip0', kind: 'sim' }] : []),
    ],
    sensors: [
      { id: 'air', name: 'Air', driver: 'bme280', bus: 'i2c-1', address: 0x76, periodMs: 1000 },
      { id: 'light', name: 'Light', driver: 'bh1750', bus: 'i2c-1', address: 0x23, periodMs: 1000 },
      { id: 'probe', name: 'Probe', driver: 'tmp102', bus: 'i2c-1', address: 0x48, periodMs: 200 },
      { id: 'cpu', name: 'Processor', driver: 'cpu-temperature', periodMs: 1000 },
      { id: 'load', name: 'Load', driver: 'load', periodMs: 1000 },
      { id: 'memory', name: 'Memory', driver: 'memory', periodMs: 1000 },
      { id: 'disk', name: 'Disk', driver: 'disk', periodMs: 1000, options: { path: folder.path } },
      { id: 'uptime', name: 'Uptime', driver: 'uptime', periodMs: 1000 },
    ],
    ...(profile.acts && actingConfig(probe.mean)),
  };
}

/** A fan that a rule switches on in the warmer half of each of the probe's waves, and a valve for a person's hand. */
function actingConfig(mean: number) {
  return {
    outputs: [
      { id: 'fan', name: 'Fan', kind: 'pwm', bus: 'gpiochip0', line: 18, leaseMs: 5000 },
      { id: 'valve', name: 'Water valve', kind: 'gpio', bus: 'gpiochip0', line: 17, maxOnMs: 600_000 },
    ],
    rules: [
      {
        id: 'ventilate',
        name: 'Ventilate',
        when: { sensor: 'probe', channel: 'temperature', above: mean + 1, until: mean, forMs: 2000 },
        set: { output: 'fan', value: 0.6 },
      },
    ],
  };
}
