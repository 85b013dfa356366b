/**
 * The small files in `opt/muster/firmware/` by which the daemon and the boot guard (assets/muster-guard.sh) talk. Those
 * the guard reads or writes are words on a line, since it has nothing but a shell:
 *   trial          `SLOT STARTS SECONDS`: a slot to be proved, starts it has, seconds after which a start is ended
 *   trial-starts   `COUNT BOOT`: how often the guard has started it, and in which boot of the machine last
 *   verdict        `SLOT`, then why the guard or the daemon gave it up, on a line of its own
 *   starts         `COUNT`: starts of the confirmed slot in a row after which no daemon came up
 * The daemon's own: expected.json (what the trial has to show), last.json (how the last change ended), previous (the
 * slot that ran before the current one). Every one is replaced whole.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import {
  firmwareStateSchema,
  slotNameSchema,
  type FirmwareState,
  type SlotName,
} from '../../src/shared/firmware.ts';
import { replaceFile, type Disk } from './disk.ts';

/** What the guard is to try, and how long. */
export interface TrialOrder {
  slot: SlotName;
  /** Starts until it is given up. */
  starts: number;
  /** Seconds within which a start has to be confirmed. */
  seconds: number;
}

const expectedSchema = z.object({
  /** Sensors that measured before. */
  sensors: z.array(z.string().max(200)).max(100_000),
  /** Outputs whose lines were held before; an older daemon notes none. */
  outputs: z.array(z.string().max(200)).max(1000).default([]),
  /** True when a person went back to this slot. */
  back: z.boolean(),
});
/** What a trial has to show. */
export type Expected = z.infer<typeof expectedSchema>;

const lastSchema = firmwareStateSchema.shape.last;
export type Last = NonNullable<FirmwareState['last']>;

export class TrialFiles {
  readonly folder: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk) {
    this.folder = folder;
    this.#disk = disk;
  }

  async order(): Promise<TrialOrder | null> {
    const [slot, starts, seconds] = (await this.#text('trial')).split(/\s+/);
    const name = slotNameSchema.safeParse(slot);
    if (!name.success) return null;
    return { slot: name.data, starts: Number(starts) || 1, seconds: Number(seconds) || 60 };
  }

  /** Last of all: with this file the trial is ordered. */
  async begin({ slot, starts, seconds }: TrialOrder, expected: Expected): Promise<void> {
    await this.#disk.makeFolder(this.folder);
    for (const name of ['trial-starts', 'verdict']) await this.#disk.remove(join(this.folder, name));
    await this.#write('expected.json', JSON.stringify(expected));
    await this.#write('trial', `${slot} ${starts} ${seconds}`);
  }

  /** Ends it; the verdict, if any, was written before. The count goes last: without a trial it means nothing. */
  async end(): Promise<void> {
    for (const name of ['trial', 'trial-starts']) await this.#disk.remove(join(this.folder, name));
    await this.#disk.syncFolder(this.folder);
  }

  /** Takes one start back: it ended because it was asked to. */
  async forgetStart(): Promise<void> {
    const [count, boot = ''] = (await this.#text('trial-starts')).split(/\s+/);
    if (Number(count) > 1) await this.#write('trial-starts', `${Number(count) - 1} ${boot}`);
    else await this.#disk.remove(join(this.folder, 'trial-starts'));
  }

  async expected(): Promise<Expected> {
    const fallback = { sensors: [], outputs: [], back: false };
    return this.#json('expected.json', expectedSchema, fallback);
  }

  async verdict(): Promise<{ slot: SlotName; reason: string } | null> {
    const [slot, reason = ''] = (await this.#text('verdict')).split('\n');
    const name = slotNameSchema.safeParse(slot?.trim());
    return name.success ? { slot: name.data, reason: reason.trim().slice(0, 500) } : null;
  }

  async writeVerdict(slot: SlotName, reason: string): Promise<void> {
    await this.#write('verdict', `${slot}\n${reason.replaceAll(/\s+/g, ' ')}`);
  }

  async dropVerdict(): Promise<void> {
    await this.#disk.remove(join(this.folder, 'verdict'));
  }

  async last(): Promise<Last | null> {
    return this.#json('last.json', lastSchema, null);
  }

  async writeLast(last: Last): Promise<void> {
    await this.#disk.makeFolder(this.folder);
    await this.#write('last.json', JSON.stringify(last));
  }

  async previous(): Promise<SlotName | null> {
    return slotNameSchema.safeParse(await this.#text('previous')).data ?? null;
  }

  async writePrevious(slot: SlotName | null): Promise<void> {
    if (slot === null) await this.#disk.remove(join(this.folder, 'previous'));
    else await this.#write('previous', slot);
  }

  /** A daemon came up: the guard counts anew. */
  async cameUp(): Promise<void> {
    await this.#disk.remove(join(this.folder, 'starts'));
  }

  async #text(name: string): Promise<string> {
    return (await readFile(join(this.folder, name), 'utf8').catch(() => '')).trim();
  }

  async #json<T>(name: string, schema: z.ZodType<T>, fallback: T): Promise<T> {
    try {
      return schema.parse(JSON.parse(await this.#text(name)));
    } catch {
      return fallback;
    }
  }

  #write(name: string, text: string): Promise<void> {
    return replaceFile(this.#disk, this.folder, name, `${text}\n`);
  }
}
