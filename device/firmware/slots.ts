/**
 * The places firmware runs from: what lies in each, and filling one that does not run.
 * Owns: `slots/` and the link `current`. A slot is self-contained: its files, its `node`, its `manifest.json` (of a
 * bundle as it was signed; of the installer its own short one). Refuses: to touch a slot that runs or is current.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';
import {
  DAEMON_PATH,
  manifestSchema,
  RUNTIME_PATH,
  slotNameSchema,
  type Manifest,
  type Slot,
  type SlotName,
} from '../../src/shared/firmware.ts';
import type { BlobStore } from './blob-store.ts';
import { writeDurably, type Disk } from './disk.ts';

/** Name of the manifest in a slot; no bundle may bring a file of this name. */
export const MANIFEST_NAME = 'manifest.json';

/** What the installer leaves. */
const installedSchema = z.object({
  version: z.string().min(1).max(200),
  runtime: z.string().min(1).max(200),
});

/** A slot and the blobs it is made of. */
export interface FilledSlot extends Slot {
  blobs: string[];
}

/** What is to be put into a slot. */
export interface Content {
  manifest: Manifest;
  /** As they were signed. */
  bytes: Uint8Array;
}

export class Slots {
  /** `<prefix>/opt/muster`. */
  readonly #opt: string;
  readonly #arch: string;
  readonly #disk: Disk;

  constructor(opt: string, arch: string, disk: Disk) {
    this.#opt = opt;
    this.#arch = arch;
    this.#disk = disk;
  }

  folder(slot: SlotName): string {
    return join(this.#opt, 'slots', slot);
  }

  /** What lies in a slot; null when it could not be started. */
  async read(slot: SlotName): Promise<FilledSlot | null> {
    const folder = this.folder(slot);
    try {
      await access(join(folder, RUNTIME_PATH));
      await access(join(folder, DAEMON_PATH));
      const bytes = await readFile(join(folder, MANIFEST_NAME));
      const value: unknown = JSON.parse(bytes.toString());
      const bundle = manifestSchema.safeParse(value);
      if (!bundle.success)
        return { slot, product: 'muster', ...installedSchema.parse(value), manifest: null, blobs: [] };
      const { product, version, targets } = bundle.data;
      const runtime = targets.find(({ arch }) => arch === this.#arch)?.runtime;
      if (runtime === undefined) return null;
      const manifest = createHash('sha256').update(bytes).digest('hex');
      const blobs = filesFor(bundle.data, this.#arch).map(({ blob }) => blob);
      return { slot, product, version, runtime, manifest, blobs };
    } catch {
      return null;
    }
  }

  async all(): Promise<FilledSlot[]> {
    const slots = await Promise.all(slotNameSchema.options.map((slot) => this.read(slot)));
    return slots.filter((slot) => slot !== null);
  }

  /** Where the link `current` leads, null when nowhere of ours. */
  async current(): Promise<SlotName | null> {
    const target = await readlink(join(this.#opt, 'current')).catch(() => '');
    return slotNameSchema.safeParse(/^slots\/(\w+)$/.exec(target)?.[1]).data ?? null;
  }

  /** Makes a slot the one that is started from now on, in one step. */
  async makeCurrent(slot: SlotName): Promise<void> {
    const link = join(this.#opt, 'current');
    await this.#disk.remove(`${link}.next`);
    await this.#disk.symlink(`slots/${slot}`, `${link}.next`);
    await this.#disk.rename(`${link}.next`, link);
    await this.#disk.syncFolder(this.#opt);
  }

  /**
   * Fills `slot` from blobs, whole or not at all; it must neither run nor be current. Every file is compared with its
   * hash where it lies before the slot's old content goes. `running` lends its runtime to a bundle without one.
   * Throws FIRMWARE_DAMAGED {path, reason}, the bad blob dropped; what the file system says.
   */
  async fill(slot: 'a' | 'b', content: Content, blobs: BlobStore, running: SlotName): Promise<void> {
    const target = this.folder(slot);
    const fresh = `${target}.new`;
    const old = `${target}.old`;
    const { manifest, bytes } = content;
    try {
      for (const leftover of [fresh, old]) await this.#disk.remove(leftover);
      await this.#disk.makeFolder(fresh);
      const folders = new Set([fresh]);
      const files = filesFor(manifest, this.#arch);
      for (const { path, executable, blob } of files) {
        const place = join(fresh, path);
        for (let above = dirname(place); !folders.has(above); above = dirname(above)) folders.add(above);
        await this.#disk.makeFolder(dirname(place));
        await this.#bring(blobs.path(blob), place, executable);
        if ((await hashOf(place)) === blob) continue;
        await blobs.drop(blob);
        const reason = 'its content is not what its hash says';
        throw new MusterError('FIRMWARE_DAMAGED', `${path}: ${reason}`, { path, reason });
      }
      if (!files.some(({ path }) => path === RUNTIME_PATH))
        await this.#bring(join(this.folder(running), RUNTIME_PATH), join(fresh, RUNTIME_PATH), true);
      await writeDurably(this.#disk, join(fresh, MANIFEST_NAME), bytes);
      await this.#disk.chmod(join(fresh, MANIFEST_NAME), 0o644);
      for (const folder of folders) {
        // readable for whoever may log in, whatever the daemon's umask
        await this.#disk.chmod(folder, 0o755);
        await this.#disk.syncFolder(folder);
      }
    } catch (thrown) {
      await this.#disk.remove(fresh).catch(() => {});
      throw thrown;
    }
    // in between there is no such slot, which nobody starts
    if (await exists(target)) await this.#disk.rename(target, old);
    await this.#disk.rename(fresh, target);
    await this.#disk.syncFolder(dirname(target));
    await this.#disk.remove(old);
  }

  /** A hard link, or a copy where links cannot be made or the file is another account's. */
  async #bring(from: string, to: string, executable: boolean): Promise<void> {
    try {
      await this.#disk.link(from, to);
      if (executable) await this.#disk.chmod(to, 0o755);
    } catch (thrown) {
      const { code = '' } = thrown as NodeJS.ErrnoException;
      if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(code)) throw thrown;
      await this.#disk.remove(to);
      await this.#disk.copy(from, to);
      await this.#disk.chmod(to, executable ? 0o755 : 0o644);
    }
  }
}

/** The files that a device of this architecture gets. */
export function filesFor(manifest: Manifest, arch: string): Manifest['files'] {
  return manifest.files.filter((file) => file.arch === null || file.arch === arch);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
