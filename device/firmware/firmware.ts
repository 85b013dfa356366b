/**
 * Firmware on the device: takes bundles, fills the slot that does not run, has it tried, goes back.
 * Owns: the order of an installation (nothing changes before everything was verified; the order to try a slot comes
 * last), one change at a time, what became of the last one. Refuses: to write to the slot that runs, to trust a laptop
 * about a signature. Called by control; the boot guard (assets/muster-guard.sh) starts what is decided here.
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { deviceFirmwareCalls } from '../../src/shared/device-firmware-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import {
  slotNameSchema,
  type FirmwareState,
  type PublicKey,
  type Signature,
  type SlotName,
} from '../../src/shared/firmware.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Expected, Observed } from '../health/demands.ts';
import { BlobStore } from './blob-store.ts';
import { diskError } from './disk-errors.ts';
import { realDisk, type Disk } from './disk.ts';
import { Offers, readOffer, type Machine, type Offer } from './offers.ts';
import { Slots, type FilledSlot } from './slots.ts';
import { TrialFiles } from './trial-files.ts';
import type { TrialLimits } from './trial-machine.ts';
import { Trial } from './trial.ts';
import { TrustStore } from './trust-store.ts';
import { isOlder } from './version-order.ts';
import type * as z from 'zod';

type OfferAnswer = z.input<(typeof deviceFirmwareCalls)['offerFirmware']['output']>;

export interface FirmwareOptions {
  /** `<prefix>/opt/muster`. */
  opt: string;
  /** The file of trusted keys. */
  trust: string;
  /** The slot this daemon was started from. */
  running: SlotName;
  machine: Machine;
  limits: TrialLimits & { starts: number };
  clock: Clock;
  log: Log;
  /** Bytes free where slots lie. */
  freeBytes: () => number;
  /** What does its work now. */
  atWork: () => Expected;
  observe: () => Promise<Observed>;
  /** Ends the daemon in order, to be started again by whoever started it. */
  restart: () => void;
  /** What else is on trial or under way, in words; null: nothing. */
  busyElsewhere: () => string | null;
  /** Called when the trial has been passed. */
  onConfirmed: () => void;
  disk?: Disk;
}

/** Room left free beside a bundle, for the journal and what else is written meanwhile, bytes. */
const SPARE_BYTES = 16 * 1024 * 1024;
/** Between an answer and the restart it told of, ms. */
const ANSWER_MS = 250;

/** The slot a program file lies in, links resolved; null when it is none of the slots below `opt`. */
export function slotOf(program: URL, opt: string): SlotName | null {
  try {
    const folder = dirname(realpathSync(fileURLToPath(program)));
    const slot = slotNameSchema.safeParse(folder.slice(folder.lastIndexOf('/') + 1));
    return slot.success && folder === realpathSync(join(opt, 'slots', slot.data)) ? slot.data : null;
  } catch {
    return null;
  }
}

export class Firmware {
  readonly #options: FirmwareOptions;
  readonly #slots: Slots;
  readonly #blobs: BlobStore;
  readonly #files: TrialFiles;
  readonly #trust: TrustStore;
  readonly #offers = new Offers();
  #trial: Trial | null = null;
  /** What is being changed right now, in words. */
  #busy: string | null = null;

  private constructor(options: FirmwareOptions) {
    const { opt, machine, disk = realDisk } = options;
    this.#options = options;
    this.#slots = new Slots(opt, machine.arch, disk);
    this.#blobs = new BlobStore(join(opt, 'blobs'), disk);
    this.#files = new TrialFiles(join(opt, 'firmware'), disk);
    this.#trust = new TrustStore(options.trust, disk);
  }

  /** Begins the trial if this start is one; else notes how the last one ended. */
  static async start(options: FirmwareOptions): Promise<Firmware> {
    const firmware = new Firmware(options);
    await firmware.#begin();
    return firmware;
  }

  /** True while this start proves itself. */
  get onTrial(): boolean {
    return this.#trial !== null && !this.#trial.over;
  }

  /** What is on trial or being changed, in words; null: nothing. */
  get busy(): string | null {
    if (this.#trial && this.onTrial) return `firmware version ${this.#trial.row().version} is on trial`;
    return this.#busy;
  }

  async state(): Promise<FirmwareState> {
    // before the files: once there is no trial they tell how it ended
    const trial = this.onTrial ? (this.#trial?.row() ?? null) : null;
    const [slots, last, trust] = await Promise.all([
      this.#slots.all(),
      this.#files.last(),
      this.#trust.read(),
    ]);
    return {
      running: this.#options.running,
      slots: slots.map(({ slot, product, version, runtime, manifest }) => ({
        slot,
        product,
        version,
        runtime,
        manifest,
      })),
      trial,
      last,
      ...trust,
    };
  }

  /** See the contract (device-firmware-calls.ts), here and below. */
  async offer(manifest: Uint8Array, signatures: readonly Signature[]): Promise<OfferAnswer> {
    this.#refuseWhileBusy();
    const offer = readOffer(new Uint8Array(manifest), signatures, this.#options.machine);
    await this.#trust.judge(offer.bytes, signatures);
    const running = await this.#slots.read(this.#options.running);
    const missing: OfferAnswer['missing'] = [];
    let needed = 0;
    for (const blob of offer.blobs) {
      const { sha256, packed, bytes } = blob;
      const have = await this.#blobs.resume(blob);
      if (await this.#blobs.has(sha256)) continue;
      missing.push({ sha256, packed, have });
      needed += packed - have + bytes;
    }
    if (needed > 0) await this.#makeRoom(needed, offer);
    this.#offers.keep(offer);
    const { product, version } = offer.manifest;
    return {
      manifest: offer.id,
      missing,
      running: running?.manifest === offer.id,
      downgrade: running?.product === product && isOlder(version, running.version),
    };
  }

  async writeBlob(sha256: string, offset: number, data: Uint8Array): Promise<number> {
    const blob = this.#offers.blob(sha256);
    if (!blob) throw refusal('nobody has offered this blob: offer the bundle again');
    return this.#blobs.write(blob, offset, data);
  }

  async install(id: string): Promise<void> {
    this.#refuseWhileBusy();
    const offer = this.#offers.find(id);
    if (!offer) throw refusal('nobody has offered this bundle: offer it again');
    const { running, limits } = this.#options;
    await this.#change(`version ${offer.manifest.version} is being installed`, async () => {
      // a key may have been withdrawn since the offer
      await this.#trust.judge(offer.bytes, offer.signatures);
      for (const { sha256 } of offer.blobs)
        if (!(await this.#blobs.has(sha256))) throw refusal('not all of it has arrived: offer it again');
      if ((await this.#slots.read(running))?.manifest === id) throw refusal('it runs already');
      const slot = await this.#spareSlot();
      if ((await this.#files.previous()) === slot) await this.#files.writePrevious(null);
      await this.#slots.fill(slot, offer, this.#blobs, running);
      await this.#files.begin(
        { slot, starts: limits.starts, seconds: Math.ceil(limits.trialMs / 1000) },
        { ...this.#options.atWork(), back: false },
      );
      this.#options.log('info', 'firmware installed, restarting into it', {
        version: offer.manifest.version,
        slot,
      });
    });
    this.#restartSoon();
  }

  async rollBack(): Promise<string> {
    const current = await this.#slots.current();
    if (this.#trial && this.onTrial) {
      const back = current && (await this.#slots.read(current));
      await this.#trial.giveUp('a person went back');
      return back?.version ?? 'unknown';
    }
    this.#refuseWhileBusy();
    const target = await this.#before();
    if (!target) throw refusal('there is no version from before this one');
    const { limits, log } = this.#options;
    await this.#change(`it goes back to version ${target.version}`, async () => {
      await this.#files.begin(
        { slot: target.slot, starts: limits.starts, seconds: Math.ceil(limits.trialMs / 1000) },
        { ...this.#options.atWork(), back: true },
      );
      log('info', 'restarting into an earlier version', { version: target.version, slot: target.slot });
    });
    this.#restartSoon();
    return target.version;
  }

  trustKey(key: PublicKey): Promise<void> {
    return this.#trust.trust(key);
  }

  revokeKey(id: string): Promise<void> {
    return this.#trust.revoke(id);
  }

  /** A laptop has said hello. */
  greeted(): void {
    this.#trial?.greeted();
  }

  /** The daemon serves. */
  async cameUp(): Promise<void> {
    await this.#files.cameUp().catch(() => {});
  }

  /** The daemon ends before it served. A trial is given up at once: the guard could not tell why. */
  async didNotStart(why: string): Promise<void> {
    if (!this.onTrial) return;
    this.stop();
    await this.#giveUp(`it did not start: ${why}`).catch(() => {});
  }

  /** No more looks at the trial: the daemon ends. */
  stop(): void {
    this.#trial?.stop();
  }

  /**
   * The daemon ends because it was asked to: a trial that was well is not blamed for that. One that was not may be
   * asked to by a service manager whose patience is over.
   */
  async endInOrder(): Promise<void> {
    if (!this.#trial || !this.onTrial) return;
    const { well } = this.#trial;
    this.stop();
    if (well) await this.#files.forgetStart().catch(() => {});
  }

  async #begin(): Promise<void> {
    const { running, limits, clock, log, observe, onConfirmed } = this.#options;
    const order = await this.#files.order();
    const slot = await this.#slots.read(running);
    if (order?.slot === running && slot && (await this.#slots.current()) !== running) {
      const expected = await this.#files.expected();
      this.#trial = new Trial({
        slot,
        expected,
        limits: { ...limits, trialMs: order.seconds * 1000 },
        clock,
        log,
        observe,
        confirm: async (reason) => {
          await this.#confirm(slot, expected.back ? 'a person went back to it' : reason, expected.back);
          onConfirmed();
        },
        rollBack: async (reason) => {
          await this.#giveUp(reason);
          this.#busy = 'it restarts';
          this.#restartSoon();
        },
      });
      return;
    }
    if (order) return;
    const verdict = await this.#files.verdict();
    if (!verdict) return;
    const tried = await this.#slots.read(verdict.slot);
    const { reason } = verdict;
    log('error', 'went back to the version from before', { tried: tried?.version ?? 'unknown', why: reason });
    await this.#files
      .writeLast({
        manifest: tried?.manifest ?? null,
        version: tried?.version ?? 'unknown',
        outcome: 'rolled-back',
        reason,
      })
      .then(() => this.#files.dropVerdict())
      .catch((error: Error) => log('warn', 'how it ended cannot be written down', { why: error.message }));
  }

  async #giveUp(reason: string): Promise<void> {
    // a full disk takes no words, but lets go of the order
    await this.#files.writeVerdict(this.#options.running, reason).catch(() => {});
    await this.#files.end();
  }

  /** A cut after any step leaves a slot that starts: until `current` moves the old one, from then on the new one. */
  async #confirm(slot: FilledSlot, reason: string, back: boolean): Promise<void> {
    const { manifest, version } = slot;
    const old = await this.#slots.current();
    await this.#files.writeLast({ manifest, version, outcome: back ? 'rolled-back' : 'confirmed', reason });
    if (old !== slot.slot) await this.#files.writePrevious(old);
    await this.#slots.makeCurrent(slot.slot);
    await this.#files.end();
    await this.#sweep(this.#offers.wanted).catch(() => {});
  }

  /** The slot that ran before the one that runs, else the first installation, if that is another version. */
  async #before(): Promise<FilledSlot | null> {
    const { running } = this.#options;
    const now = await this.#slots.read(running);
    for (const name of [await this.#files.previous(), 'factory' as const]) {
      if (name === null || name === running) continue;
      const slot = await this.#slots.read(name);
      if (slot && (slot.version !== now?.version || slot.manifest !== now?.manifest)) return slot;
    }
    return null;
  }

  /** Neither running nor current; of two the one that did not run last. */
  async #spareSlot(): Promise<'a' | 'b'> {
    const taken = new Set<SlotName | null>([this.#options.running, await this.#slots.current()]);
    const previous = await this.#files.previous();
    const free = (['a', 'b'] as const).filter((slot) => !taken.has(slot));
    const slot = free.find((slot) => slot !== previous) ?? free[0];
    if (!slot) throw refusal('no slot is free: restart the device first');
    return slot;
  }

  /** Throws DISK_FULL {path, needed, free} when sweeping does not help. */
  async #makeRoom(bytes: number, offer: Offer): Promise<void> {
    const needed = bytes + SPARE_BYTES;
    if (this.#options.freeBytes() >= needed) return;
    await this.#sweep(new Set([...this.#offers.wanted, ...offer.blobs.map(({ sha256 }) => sha256)]));
    const free = this.#options.freeBytes();
    if (free >= needed) return;
    const path = this.#blobs.folder;
    throw new MusterError('DISK_FULL', `${path}: ${free} bytes free, ${needed} needed`, {
      path,
      needed,
      free,
    });
  }

  async #sweep(wanted: ReadonlySet<string>): Promise<void> {
    const slots = await this.#slots.all();
    await this.#blobs.sweep(new Set([...wanted, ...slots.flatMap(({ blobs }) => blobs)]));
  }

  #refuseWhileBusy(): void {
    const reason = this.busy ?? this.#options.busyElsewhere();
    if (reason !== null) throw new MusterError('DEVICE_BUSY', reason, { reason });
  }

  /** One change at a time; after one that went well the device stays busy, since it restarts. */
  async #change(what: string, work: () => Promise<void>): Promise<void> {
    this.#busy = what;
    try {
      await work();
    } catch (thrown) {
      this.#busy = null;
      throw diskError(thrown, this.#options.opt);
    }
    this.#busy = 'it restarts';
  }

  #restartSoon(): void {
    this.#options.clock.after(ANSWER_MS, this.#options.restart);
  }
}

function refusal(reason: string): MusterError {
  return new MusterError('REFUSED', reason, { reason });
}
