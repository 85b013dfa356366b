/**
 * Firmware of a device in this process, below a folder of its own: the real files, bundles, blobs and slots, with tiny
 * shell scripts for Nodes, so that the real boot guard can start what is there and say which slot it was.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../device/firmware/disk.ts';
import { realDisk } from '../../device/firmware/disk.ts';
import { Firmware } from '../../device/firmware/firmware.ts';
import type { TreeRow } from '../../src/shared/device-contract.ts';
import { openBundle, type Bundle } from '../../src/core/firmware/bundle-file.ts';
import type { SlotName } from '../../src/shared/firmware.ts';
import { noLog } from '../../src/shared/log.ts';
import { FakeClock } from './fake-clock.ts';
import { testKey, writeTestBundle, type TestBundle, type TestKey } from './firmware.ts';

const GUARD = new URL('../../assets/muster-guard.sh', import.meta.url).pathname;

/** A Node that says which slot it was started from, and with which daemon. */
const TELLING_NODE = `#!/bin/sh
[ "$1" = --version ] && exit 0
slot=\${1%/*}
echo "\${slot##*/} $(cat "$1")"
`;

/** What a healthy daemon looks like. */
const TREE: TreeRow[] = ['', '/journal', '/batcher', '/health', '/control'].map((path) => ({
  path: `muster${path}`,
  kind: path === '' ? 'supervisor' : 'worker',
  state: 'running',
  restarts: 0,
  restartsInWindow: 0,
  nextAttemptMs: null,
  lastCause: null,
}));

const LIMITS = { trialMs: 60_000, graceMs: 30_000, steadyMs: 2000, settleMs: 10_000, starts: 2 };

export interface Opened {
  firmware: Firmware;
  clock: FakeClock;
  /** How often it asked to be restarted. */
  restarts: () => number;
}

export class FirmwareFolder {
  readonly prefix = mkdtempSync(join(tmpdir(), 'mst-fw-'));
  readonly opt = join(this.prefix, 'opt/muster');
  readonly trustPath = join(this.prefix, 'var/lib/muster/trust.json');
  readonly key: TestKey;
  readonly #bundles: Bundle[] = [];

  /** `key`: whose firmware it takes; one of its own unless told. */
  constructor(key: TestKey = testKey()) {
    this.key = key;
    for (const slot of ['a', 'factory']) {
      this.write(`opt/muster/slots/${slot}/node`, TELLING_NODE, 0o755);
      this.write(`opt/muster/slots/${slot}/muster-daemon.mjs`, '1.0.0\n');
      this.write(
        `opt/muster/slots/${slot}/manifest.json`,
        JSON.stringify({ version: '1.0.0', sha256: '0', runtime: '24.21.0' }),
      );
    }
    mkdirSync(join(this.opt, 'firmware'));
    symlinkSync('slots/a', join(this.opt, 'current'));
    this.trust({ keys: [this.key.publicKey], revoked: [] });
    this.boot('boot-1');
  }

  write(path: string, text: string | Uint8Array, mode = 0o644): void {
    const at = join(this.prefix, path);
    mkdirSync(join(at, '..'), { recursive: true });
    writeFileSync(at, text, { mode });
  }

  trust(trust: unknown): void {
    this.write('var/lib/muster/trust.json', JSON.stringify(trust));
  }

  /** The boot of the machine that this is. */
  boot(id: string): void {
    this.write('proc/sys/kernel/random/boot_id', `${id}\n`);
  }

  /** The daemon's part, as if started from `running`. */
  async open(running: SlotName = 'a', disk: Disk = realDisk, freeBytes = 1e12): Promise<Opened> {
    const clock = new FakeClock();
    let restarts = 0;
    const firmware = await Firmware.start({
      opt: this.opt,
      trust: this.trustPath,
      running,
      machine: { arch: 'x64', runtime: '24.21.0', configVersion: 1 },
      limits: LIMITS,
      clock,
      log: noLog,
      freeBytes: () => freeBytes,
      atWork: () => ({ sensors: [], outputs: [] }),
      observe: async () => ({
        tree: TREE,
        journalProblem: null,
        controlAnswers: true,
        sensors: [],
        configured: null,
        outputs: [],
      }),
      busyElsewhere: () => null,
      restart: () => restarts++,
      onConfirmed: () => {},
      disk,
    });
    return { firmware, clock, restarts: () => restarts };
  }

  /** What the boot guard starts: `b 2.0.0`; '' when nothing starts. */
  guard(): string {
    try {
      return execFileSync('sh', [GUARD], {
        env: { MUSTER_PREFIX: this.prefix, PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return '';
    }
  }

  /**
   * An open bundle, signed by this device's key unless told. Its daemon is its version, its Node a telling one, unless
   * it carries none.
   */
  async bundle({
    files,
    carriesNode = true,
    ...bundle
  }: TestBundle & { carriesNode?: boolean } = {}): Promise<Bundle> {
    const path = join(this.prefix, `bundle-${this.#bundles.length}.mfw`);
    const { version = '2.0.0' } = bundle;
    await writeTestBundle(path, {
      keys: [this.key],
      version,
      files: { 'muster-daemon.mjs': `${version}\n`, ...(carriesNode && { node: TELLING_NODE }), ...files },
      ...bundle,
    });
    const opened = await openBundle(path);
    this.#bundles.push(opened);
    return opened;
  }

  readBytes(path: string): Uint8Array {
    return readFileSync(join(this.prefix, path));
  }

  drop(path: string): void {
    rmSync(join(this.prefix, path));
  }

  async remove(): Promise<void> {
    for (const bundle of this.#bundles) await bundle.close();
    rmSync(this.prefix, { recursive: true, force: true });
  }
}

/** Offers and sends, in pieces of `piece` bytes; the manifest's hash. */
export async function sendTo(firmware: Firmware, bundle: Bundle, piece = 100): Promise<string> {
  const offer = await firmware.offer(bundle.manifestBytes, bundle.signatures);
  for (const { sha256, packed, have } of offer.missing)
    for (let at = have; at < packed;)
      at = await firmware.writeBlob(sha256, at, await bundle.readPacked(sha256, at, piece));
  return offer.manifest;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
