/** Pushes that are cut anywhere, made twice, or made by two laptops at once, on a device that knows no time. */
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/core/firmware/bundle-file.ts';
import { testKey } from '../support/firmware.ts';
import { FirmwareFolder, sendTo } from '../support/firmware-folder.ts';

let folder: FirmwareFolder;
let bundle: Bundle;
beforeEach(async () => {
  folder = new FirmwareFolder();
  bundle = await folder.bundle();
});
afterEach(() => folder.remove());

describe('a push', { timeout: 60_000 }, () => {
  it('that is cut at any byte goes on there, also in another life of the daemon', async () => {
    const [blob] = bundle.manifest.blobs;
    if (!blob) throw new Error('no blob');
    const whole = await bundle.readPacked(blob.sha256, 0, blob.packed);
    for (let cut = 0; cut < whole.length; cut++) {
      const before = await folder.open();
      await before.firmware.offer(bundle.manifestBytes, bundle.signatures);
      expect(await before.firmware.writeBlob(blob.sha256, 0, whole.subarray(0, cut))).toBe(cut);
      const { firmware } = await folder.open();
      const { missing } = await firmware.offer(bundle.manifestBytes, bundle.signatures);
      expect(missing.find(({ sha256 }) => sha256 === blob.sha256)).toEqual({
        sha256: blob.sha256,
        packed: blob.packed,
        have: cut,
      });
      // bytes for another place are not taken, and it says for which
      expect(await firmware.writeBlob(blob.sha256, cut + 1, whole.subarray(cut + 1))).toBe(cut);
      expect(await firmware.writeBlob(blob.sha256, cut, whole.subarray(cut))).toBe(blob.packed);
      folder.drop(`opt/muster/blobs/${blob.sha256}`);
    }
  });

  it('with many writes on their way at once arrives', async () => {
    const { firmware } = await folder.open();
    const { missing } = await firmware.offer(bundle.manifestBytes, bundle.signatures);
    for (const { sha256, packed } of missing) {
      const writes: Promise<number>[] = [];
      for (let at = 0; at < packed; at += 7)
        writes.push(firmware.writeBlob(sha256, at, await bundle.readPacked(sha256, at, 7)));
      expect((await Promise.all(writes)).at(-1)).toBe(packed);
    }
    await firmware.install(bundle.manifestHash);
    expect(folder.guard()).toBe('b 2.0.0');
  });

  it('of a change sends only what changed', async () => {
    const first = await folder.open();
    await first.firmware.install(await sendTo(first.firmware, bundle));
    const { firmware } = await folder.open();
    const next = await folder.bundle({ version: '2.0.1' });
    const { missing } = await firmware.offer(next.manifestBytes, next.signatures);
    const daemon = next.manifest.files.find(({ path }) => path === 'muster-daemon.mjs')?.blob;
    expect(missing.map(({ sha256 }) => sha256)).toEqual([daemon]);
  });

  it('of a bundle without a runtime gets the one that runs', async () => {
    const { firmware } = await folder.open();
    const light = await folder.bundle({ carriesNode: false, version: '2.1.0' });
    await firmware.install(await sendTo(firmware, light));
    expect(folder.guard()).toBe('b 2.1.0');
  });
});

describe('the same bundle twice', { timeout: 60_000 }, () => {
  it('is told apart before anything is sent, and refused when it is installed all the same', async () => {
    const first = await folder.open();
    await first.firmware.install(await sendTo(first.firmware, bundle));
    expect(folder.guard()).toBe('b 2.0.0');
    const trial = await folder.open('b');
    await expect(trial.firmware.offer(bundle.manifestBytes, bundle.signatures)).rejects.toMatchObject({
      code: 'DEVICE_BUSY',
      details: { reason: 'firmware version 2.0.0 is on trial' },
    });
    trial.firmware.greeted();
    for (let second = 0; trial.firmware.onTrial && second < 8; second++) {
      await trial.clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(readlinkSync(join(folder.opt, 'current'))).toBe('slots/b');
    const offer = await trial.firmware.offer(bundle.manifestBytes, bundle.signatures);
    expect(offer).toEqual({ manifest: bundle.manifestHash, missing: [], running: true, downgrade: false });
    await expect(trial.firmware.install(bundle.manifestHash)).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: 'it runs already' },
    });
    const older = await folder.bundle({ version: '1.9.0' });
    expect(await trial.firmware.offer(older.manifestBytes, older.signatures)).toMatchObject({
      running: false,
      downgrade: true,
    });
  });
});

describe('two laptops at once', { timeout: 60_000 }, () => {
  it('may send the same blobs between each other; the first to install is the one', async () => {
    const { firmware } = await folder.open();
    const other = await folder.bundle({ version: '3.0.0' });
    const [mine, theirs] = await Promise.all([sendTo(firmware, bundle, 31), sendTo(firmware, other, 17)]);
    const outcomes = await Promise.allSettled([firmware.install(theirs), firmware.install(mine)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'DEVICE_BUSY', details: { reason: 'version 3.0.0 is being installed' } },
    });
    await expect(firmware.install(mine)).rejects.toMatchObject({
      code: 'DEVICE_BUSY',
      details: { reason: 'it restarts' },
    });
    expect(folder.guard()).toBe('b 3.0.0');
  });
});

describe('a device whose clock says 1970', { timeout: 60_000 }, () => {
  it('takes and judges firmware as ever: nothing of it looks at a clock', async () => {
    const { firmware, clock } = await folder.open();
    const noClock = (): never => {
      throw new Error('somebody looked at the clock');
    };
    clock.wall = noClock;
    const { now } = Date;
    Date.now = noClock;
    try {
      const id = await sendTo(firmware, bundle);
      const stranger = await folder.bundle({ keys: [testKey()] });
      await expect(firmware.offer(stranger.manifestBytes, stranger.signatures)).rejects.toMatchObject({
        code: 'FIRMWARE_UNTRUSTED',
      });
      await firmware.install(id);
    } finally {
      Date.now = now;
    }
    expect(folder.guard()).toBe('b 2.0.0');
  });
});
