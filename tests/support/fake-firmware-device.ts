/**
 * A device in memory that takes firmware as the daemon does, over the real contract on a pipe: keeps packed bytes,
 * unpacks and checks each blob, restarts, tries, confirms or goes back. Its fate says what goes wrong with it.
 */
import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { deviceContract, PROTOCOL } from '../../src/shared/device-contract.ts';
import { deviceFirmwareCalls } from '../../src/shared/device-firmware-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { manifestSchema, type FirmwareState, type Manifest, type Slot } from '../../src/shared/firmware.ts';
import { servePeer, type Contract, type Handlers } from '../../src/shared/peer.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import type { Clock } from '../../src/shared/time.ts';
import { pipePair } from './pipe-pair.ts';

const contract = {
  calls: { hello: deviceContract.calls.hello, ...deviceFirmwareCalls },
  events: {},
} satisfies Contract;
type Answers = Handlers<typeof contract>;

/** `no-restart`: says that it installs, and goes on as before. */
export type Fate =
  | 'well'
  | 'unreachable'
  | 'untrusted'
  | 'misfit'
  | 'disk-full'
  | 'damaged'
  | 'install-fails'
  | 'no-restart'
  | 'rolls-back'
  | 'never-back';

/** How long it is away at a restart and on trial, ms. */
const RESTART_MS = 4000;
const TRIAL_MS = 8000;

export class FakeFirmwareDevice {
  readonly id: string;
  readonly #clock: Clock;
  fate: Fate;
  /** Bytes that came in writes, those for nothing included. */
  received = 0;
  installs = 0;
  opened = 0;
  /** Called before each write is answered: cuts, if a test wants. */
  onWrite = (_received: number): void => {};
  #run = 1;
  #up = true;
  #slots: Slot[] = [
    { slot: 'factory', product: 'orchard', version: '1.0.0', runtime: '24.21.0', manifest: null },
  ];
  #running: Slot['slot'] = 'factory';
  #trialUntil: number | null = null;
  #last: FirmwareState['last'] = null;
  readonly #parts = new Map<string, Buffer>();
  readonly #whole = new Set<string>();
  #offered: { manifest: Manifest; hash: string } | null = null;
  readonly #cuts = new Set<() => void>();

  constructor(id: string, clock: Clock, fate: Fate = 'well') {
    this.id = id;
    this.#clock = clock;
    this.fate = fate;
  }

  get version(): string {
    return this.#slots.find(({ slot }) => slot === this.#running)!.version;
  }

  /** As `open` of a target. */
  open = async (): Promise<Pipe> => {
    this.opened++;
    if (!this.#up || this.fate === 'unreachable')
      throw new MusterError('HOST_UNREACHABLE', 'no answer', { host: this.id });
    const { a, b, cut } = pipePair();
    this.#cuts.add(cut);
    servePeer(b, contract, this.#answers(), () => this.#cuts.delete(cut));
    return a;
  };

  /** Pulls the cable; it can be put back at once. */
  cut(): void {
    for (const cut of this.#cuts) cut();
  }

  #restart(then: () => void): void {
    this.#up = false;
    this.cut();
    this.#clock.after(RESTART_MS, () => {
      this.#up = true;
      this.#run++;
      then();
    });
  }

  #try(): void {
    const { manifest, hash } = this.#offered!;
    const before = this.#running;
    const slot = before === 'a' ? 'b' : 'a';
    const { product, version } = manifest;
    const fresh = { slot, product, version, runtime: '24.21.0', manifest: hash } as const;
    this.#slots = [...this.#slots.filter((one) => one.slot !== slot), fresh];
    this.#restart(() => {
      if (this.fate === 'never-back') {
        this.#up = false;
        return;
      }
      this.#running = slot;
      this.#trialUntil = this.#clock.monotonic() + TRIAL_MS;
      this.#clock.after(TRIAL_MS, () => {
        this.#trialUntil = null;
        if (this.fate !== 'rolls-back') {
          this.#last = { manifest: hash, version, outcome: 'confirmed', reason: 'healthy' };
          return;
        }
        this.#restart(() => {
          this.#running = before;
          const reason = 'the sensor outside, which measured before, did not';
          this.#last = { manifest: hash, version, outcome: 'rolled-back', reason };
        });
      });
    });
  }

  #missing() {
    return this.#offered!.manifest.blobs.filter(({ sha256 }) => !this.#whole.has(sha256)).map(
      ({ sha256, packed }) => ({ sha256, packed, have: this.#parts.get(sha256)?.length ?? 0 }),
    );
  }

  #answers(): Answers {
    return {
      hello: () => ({
        protocol: PROTOCOL,
        daemonVersion: this.version,
        device: { id: this.id, serial: '1', hostname: 'h', model: 'm', arch: 'x64', system: 's' },
        run: this.#run,
        bootId: 'boot',
        monotonicMs: 0,
        wallMs: 0,
        clock: 'ntp',
      }),
      firmware: () => {
        const trial = this.#slots.find(({ slot }) => slot === this.#running)!;
        const remainingMs = (this.#trialUntil ?? 0) - this.#clock.monotonic();
        const steady = { id: 'steady', title: 'Healthy for 8 s', met: false, detail: null };
        return {
          running: this.#running,
          slots: this.#slots,
          trial: this.#trialUntil === null ? null : { ...trial, gates: [steady], remainingMs },
          last: this.#last,
          keys: [],
          revoked: [],
        };
      },
      offerFirmware: ({ manifest: bytes }) => {
        if (this.#trialUntil !== null) throw busy();
        const manifest = manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
        const hash = createHash('sha256').update(bytes).digest('hex');
        const key = 'beefbeefbeefbeef';
        if (this.fate === 'untrusted') throw new MusterError('FIRMWARE_UNTRUSTED', 'unknown key', { key });
        if (this.fate === 'misfit')
          throw new MusterError('FIRMWARE_MISFIT', 'arm64', { reason: 'it is made for arm64' });
        this.#offered = { manifest, hash };
        const running = this.#slots.some((one) => one.slot === this.#running && one.manifest === hash);
        return {
          manifest: hash,
          missing: this.#missing(),
          running,
          downgrade: manifest.version < this.version,
        };
      },
      writeBlob: async ({ sha256, offset, data }) => {
        const blob = this.#offered?.manifest.blobs.find((one) => one.sha256 === sha256);
        if (!blob) throw new MusterError('REFUSED', 'nobody has offered this', { reason: 'not offered' });
        this.received += data.length;
        this.onWrite(this.received);
        if (this.fate === 'disk-full') throw new MusterError('DISK_FULL', 'full', { needed: 9, free: 1 });
        const have = this.#parts.get(sha256) ?? Buffer.alloc(0);
        if (this.#whole.has(sha256)) return { have: blob.packed };
        if (offset !== have.length) return { have: have.length };
        const now = Buffer.concat([have, data]);
        this.#parts.set(sha256, now);
        if (now.length < blob.packed) return { have: now.length };
        this.#parts.delete(sha256);
        const content = zstdDecompressSync(now);
        const hash = createHash('sha256').update(content).digest('hex');
        if (hash !== sha256 || this.fate === 'damaged')
          throw new MusterError('FIRMWARE_DAMAGED', `blob ${sha256}`, { blob: sha256 });
        this.#whole.add(sha256);
        return { have: blob.packed };
      },
      installFirmware: ({ manifest }) => {
        if (this.#trialUntil !== null) throw busy();
        if (this.#offered?.hash !== manifest || this.#missing().length > 0)
          throw new MusterError('REFUSED', 'blobs are missing', { reason: 'not all of it has arrived' });
        if (this.fate === 'install-fails')
          throw new MusterError('FIRMWARE_DAMAGED', 'muster-daemon.mjs', { path: 'muster-daemon.mjs' });
        this.installs++;
        if (this.fate !== 'no-restart') this.#clock.after(250, () => this.#try());
        return {};
      },
      rollBackFirmware: () => ({ version: '1.0.0' }),
      trustKey: () => ({}),
      revokeKey: () => ({}),
    };
  }
}

function busy(): MusterError {
  return new MusterError('DEVICE_BUSY', 'on trial', { reason: 'a version is on trial' });
}
