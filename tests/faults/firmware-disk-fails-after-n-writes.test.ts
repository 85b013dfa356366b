/**
 * The power goes after every single change that firmware makes to the disk. Whatever was cut, the boot guard starts a
 * whole slot, the next daemon says how it ended, and the next push goes through.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Firmware } from '../../device/firmware/firmware.ts';
import type { Bundle } from '../../src/core/firmware/bundle-file.ts';
import { CutDisk } from '../support/cut-disk.ts';
import { FirmwareFolder, sendTo, type Opened } from '../support/firmware-folder.ts';
import { until } from '../support/until.ts';

let folder: FirmwareFolder;
let bundle: Bundle;
afterEach(() => folder.remove());

async function fresh(): Promise<void> {
  await folder?.remove();
  folder = new FirmwareFolder();
  bundle = await folder.bundle();
}

/** Lets a trial decide. */
async function decide({ firmware, clock }: Opened): Promise<void> {
  firmware.greeted();
  for (let looks = 0; firmware.onTrial && looks < 8; looks++) {
    await clock.advance(1000);
    // what it decided is on its way to the disk
    for (let turns = 0; turns < 30; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function install(firmware: Firmware, of: Bundle): Promise<void> {
  await firmware.install(await sendTo(firmware, of, 1000));
}

/** Installs and keeps one more version: what every cut has to leave possible. */
async function pushAgain(running: 'a' | 'b', version: string): Promise<void> {
  const { firmware } = await folder.open(running);
  await install(firmware, await folder.bundle({ version }));
  const other = running === 'a' ? 'b' : 'a';
  expect(folder.guard()).toBe(`${other} ${version}`);
  const opened = await folder.open(other);
  await decide(opened);
  expect(await opened.firmware.state()).toMatchObject({
    trial: null,
    last: { version, outcome: 'confirmed' },
  });
  expect(readlinkSync(join(folder.opt, 'current'))).toBe(`slots/${other}`);
  folder.boot('boot-after');
  expect(folder.guard()).toBe(`${other} ${version}`);
}

/** Runs `work` with the power going after 1, 2, 3 … changes, until it is done before. Answers how many it takes. */
async function atEvery(work: (disk: CutDisk, changes: number) => Promise<void>): Promise<number> {
  for (let changes = 0; ; changes++) {
    const disk = new CutDisk(changes);
    await work(disk, changes);
    if (!disk.isCut) return changes;
  }
}

describe('a disk that fails after N changes', { timeout: 300_000 }, () => {
  it('while firmware arrives and is installed', async () => {
    const started = new Set<string>();
    const changes = await atEvery(async (disk, after) => {
      await fresh();
      const { firmware, restarts, clock } = await folder.open('a', disk);
      const failure = await install(firmware, bundle).then(
        () => null,
        (error: Error) => error,
      );
      expect(disk.isCut ? null : failure).toBeNull();
      await clock.advance(1000);
      expect(restarts()).toBe(disk.isCut ? 0 : 1);
      folder.boot('boot-2');
      const ran = folder.guard();
      started.add(ran);
      expect(['a 1.0.0', 'b 2.0.0'], `after ${after} changes`).toContain(ran);
      if (ran !== 'b 2.0.0') {
        if (after % 8 === 0) await pushAgain('a', '2.0.1');
        return;
      }
      // on trial now; the power goes again
      folder.boot('boot-3');
      expect(folder.guard()).toBe('a 1.0.0');
      const { last, trial } = await (await folder.open('a')).firmware.state();
      expect(trial).toBeNull();
      expect(last).toMatchObject({ version: '2.0.0', outcome: 'rolled-back' });
    });
    expect(changes).toBeGreaterThan(30);
    expect([...started]).toEqual(['a 1.0.0', 'b 2.0.0']);
  });

  it('while it is confirmed', async () => {
    const ends = new Set<string>();
    await atEvery(async (disk, after) => {
      await fresh();
      await install((await folder.open()).firmware, bundle);
      expect(folder.guard()).toBe('b 2.0.0');
      await decide(await folder.open('b', disk));
      folder.boot('boot-2');
      const ran = folder.guard();
      const running = ran.startsWith('a') ? 'a' : 'b';
      expect(ran, `after ${after} changes`).toBe(running === 'a' ? 'a 1.0.0' : 'b 2.0.0');
      expect(readlinkSync(join(folder.opt, 'current'))).toBe(`slots/${running}`);
      const state = await (await folder.open(running)).firmware.state();
      expect(state).toMatchObject({
        running,
        trial: null,
        last: { version: '2.0.0', outcome: running === 'a' ? 'rolled-back' : 'confirmed' },
      });
      ends.add(`${running} ${state.last?.reason}`);
      if (after % 5 === 0) await pushAgain(running, '3.0.0');
    });
    expect([...ends]).toEqual([
      'a the device was switched off or restarted before it had proved itself',
      'b healthy, and a laptop has seen it',
    ]);
  });

  it('while it is given up', async () => {
    let reason: string | undefined;
    await atEvery(async (disk, after) => {
      await fresh();
      await install((await folder.open()).firmware, bundle);
      expect(folder.guard()).toBe('b 2.0.0');
      const { firmware } = await folder.open('b', disk);
      const back = await firmware.rollBack().catch(() => null);
      expect(disk.isCut ? '1.0.0' : back).toBe('1.0.0');
      folder.boot('boot-2');
      expect(folder.guard(), `after ${after} changes`).toBe('a 1.0.0');
      const state = await (await folder.open('a')).firmware.state();
      expect(state.last).toMatchObject({ version: '2.0.0', outcome: 'rolled-back' });
      reason = state.last?.reason;
    });
    // of the last round, which was not cut
    expect(reason).toBe('a person went back');
  });

  it('while the next daemon notes how it ended', async () => {
    await atEvery(async (disk) => {
      await fresh();
      await install((await folder.open()).firmware, bundle);
      folder.guard();
      folder.boot('boot-2');
      folder.guard();
      await folder.open('a', disk);
      const state = await (await folder.open('a')).firmware.state();
      expect(state.last).toMatchObject({ version: '2.0.0', outcome: 'rolled-back' });
      expect(existsSync(join(folder.opt, 'firmware/verdict'))).toBe(false);
    });
  });

  it('while a key is trusted: the keys from before count, or the new ones', async () => {
    await atEvery(async (disk) => {
      await fresh();
      const { key } = folder;
      const { firmware } = await folder.open('a', disk);
      await firmware.revokeKey('0123456789abcdef').catch(() => {});
      const { keys, revoked } = await (await folder.open('a')).firmware.state();
      expect(keys).toEqual([key.publicKey]);
      expect(disk.isCut ? ['0123456789abcdef'] : revoked).toEqual(['0123456789abcdef']);
    });
  });
});

describe('a full disk', { timeout: 60_000 }, () => {
  it('refuses an offer it has no room for, in bytes, and keeps what runs', async () => {
    await fresh();
    const { firmware } = await folder.open('a', undefined, 1_000_000);
    await expect(firmware.offer(bundle.manifestBytes, bundle.signatures)).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: { path: join(folder.opt, 'blobs'), free: 1_000_000, needed: expect.any(Number) },
    });
    expect(folder.guard()).toBe('a 1.0.0');
  });

  it.each(['open', 'copy', 'link', 'rename'] as const)(
    'that shows at %s is named, and goes away',
    async (name) => {
      await fresh();
      let full = true;
      const disk = new CutDisk();
      const real = disk[name].bind(disk) as (...args: unknown[]) => Promise<never>;
      Object.assign(disk, {
        [name]: async (...args: unknown[]) => {
          if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: name });
          return real(...args);
        },
        // hard links would spare the copies
        ...(name === 'copy' && { link: () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' })) }),
      });
      const { firmware } = await folder.open('a', disk);
      await expect(install(firmware, bundle)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(folder.guard()).toBe('a 1.0.0');
      full = false;
      await install(firmware, bundle);
      expect(folder.guard()).toBe('b 2.0.0');
      await until(() => !existsSync(join(folder.opt, 'slots/b.new')), 'no leftovers');
    },
  );
});
