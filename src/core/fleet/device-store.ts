/**
 * The devices of a site that are remembered: one JSON file each, `<site>/devices/<id>.json`, written whole or not
 * at all. Owns: those files. Refuses: secrets (only the fields below are ever written), and to lose a file that it
 * cannot read: that is set aside beside the others and told. Called by the fleet.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, existsSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { deviceRecordSchema, type DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';

const storedDeviceSchema = deviceRecordSchema.pick({
  id: true,
  name: true,
  hostname: true,
  kind: true,
  addresses: true,
  lastSeen: true,
  mine: true,
  installed: true,
  daemonVersion: true,
  model: true,
  system: true,
  arch: true,
  serial: true,
  user: true,
  hostKey: true,
  demo: true,
});
/** What is kept of a device between two lives of the engine. */
export type StoredDevice = z.infer<typeof storedDeviceSchema>;

const fileSchema = z.object({ version: z.literal(1), device: storedDeviceSchema });
const ID = /^[A-Za-z0-9-]{1,120}$/;

export interface DeviceStore {
  /** The devices read at opening. */
  readonly devices: readonly StoredDevice[];
  /** Names of files that could not be read as a device; they were set aside, not deleted. */
  readonly damaged: readonly string[];
  /** Writes one device; a later call for the same device waits for the earlier one. Throws what the disk throws. */
  save(device: StoredDevice): Promise<void>;
  remove(id: string): Promise<void>;
  /** Resolves when everything asked for so far is done, well or badly. */
  settled(): Promise<void>;
}

/** Keeps of a record what is stored, and nothing else. */
export function storedPart(record: DeviceRecord): StoredDevice {
  return storedDeviceSchema.parse(record);
}

/** Opens the folder `dir` (made when it is not there) and reads it. Throws when it cannot be made or listed. */
export function openDeviceStore(dir: string, log: Log): DeviceStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const devices: StoredDevice[] = [];
  const damaged: string[] = [];
  for (const name of readdirSync(dir).toSorted()) {
    if (name.endsWith('.tmp')) rmSync(join(dir, name), { force: true });
    if (!name.endsWith('.json')) continue;
    const device = readDevice(join(dir, name));
    if (device instanceof Error || `${device.id}.json` !== name) {
      const reason = device instanceof Error ? device.message : 'its id is not its name';
      damaged.push(setAside(dir, name));
      log('error', 'a device file is damaged and was set aside', { file: join(dir, name), reason });
    } else {
      devices.push(device);
    }
  }

  const queues = new Map<string, Promise<void>>();
  const enqueue = (id: string, work: () => Promise<void>): Promise<void> => {
    if (!ID.test(id)) return Promise.reject(new MusterError('BAD_INPUT', 'not a device id', { id }));
    const done = (queues.get(id) ?? Promise.resolve()).then(work);
    const quiet = done.catch(() => {});
    queues.set(id, quiet);
    void quiet.then(() => {
      if (queues.get(id) === quiet) queues.delete(id);
    });
    return done;
  };

  return {
    devices,
    damaged,
    save(device) {
      const text = `${JSON.stringify({ version: 1, device: storedDeviceSchema.parse(device) }, null, 2)}\n`;
      return enqueue(device.id, () => writeWhole(join(dir, `${device.id}.json`), text));
    },
    remove: (id) => enqueue(id, () => rm(join(dir, `${id}.json`), { force: true })),
    async settled() {
      await Promise.all(queues.values());
    },
  };
}

function readDevice(path: string): StoredDevice | Error {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).device;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Renames a file out of the way and returns its new name. */
export function setAside(dir: string, name: string): string {
  let number = 1;
  while (existsSync(join(dir, `${name}.damaged-${number}`))) number++;
  const aside = `${name}.damaged-${number}`;
  renameSync(join(dir, name), join(dir, aside));
  return aside;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
