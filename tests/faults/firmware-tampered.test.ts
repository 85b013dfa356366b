/** Firmware that somebody changed, made up or has no right to: refused on the device, whatever the laptop thought. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/core/firmware/bundle-file.ts';
import { signManifest } from '../../src/core/firmware/signature.ts';
import type { Manifest } from '../../src/shared/firmware.ts';
import { testKey } from '../support/firmware.ts';
import { FirmwareFolder, sendTo, sha256, type Opened } from '../support/firmware-folder.ts';

let folder: FirmwareFolder;
let device: Opened;
let bundle: Bundle;
beforeEach(async () => {
  folder = new FirmwareFolder();
  device = await folder.open();
  bundle = await folder.bundle();
});
afterEach(async () => {
  // whatever was tried, nothing was ordered and nothing but the slots of before is there
  assert.equal(folder.guard(), 'a 1.0.0');
  assert.deepEqual(readdirSync(join(folder.opt, 'slots')).toSorted(), ['a', 'factory']);
  assert.equal(existsSync(join(folder.opt, 'firmware/trial')), false);
  assert.equal(device.restarts(), 0);
  await folder.remove();
});

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const at = (bit >> 3) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

/** Offers a manifest that no bundle file could have, signed as it should be. */
const offerMade = (change: (manifest: Manifest) => unknown) => {
  const bytes = Buffer.from(JSON.stringify(change(structuredClone(bundle.manifest))));
  return device.firmware.offer(bytes, [signManifest(bytes, folder.key.pair)]);
};

describe('a flipped bit', () => {
  it('anywhere in the manifest is found', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const offer = device.firmware.offer(flipped(bundle.manifestBytes, bit), bundle.signatures);
        await expect(offer).rejects.toMatchObject({
          code: expect.stringMatching(/^FIRMWARE_(?:INVALID|UNTRUSTED|MISFIT)$/),
        });
      }),
      { numRuns: 200 },
    );
  });

  it('anywhere in the signature is found', async () => {
    const [first] = bundle.signatures;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const signature = Buffer.from(flipped(Buffer.from(first?.signature ?? '', 'base64'), bit)).toString(
          'base64',
        );
        await expect(
          device.firmware.offer(bundle.manifestBytes, [{ key: first?.key ?? '', signature }]),
        ).rejects.toMatchObject({
          code: 'FIRMWARE_UNTRUSTED',
          details: { reason: 'the signature does not fit the firmware' },
        });
      }),
      { numRuns: 100 },
    );
  });

  it('anywhere in a blob is found, and the blob kept by nobody', async () => {
    const { missing } = await device.firmware.offer(bundle.manifestBytes, bundle.signatures);
    const [blob] = missing;
    if (!blob) throw new Error('nothing is missing');
    const whole = await bundle.readPacked(blob.sha256, 0, blob.packed);
    let unnoticed = 0;
    const outcomes = new Set<string>();
    for (let bit = 0; bit < whole.length * 8; bit += 5) {
      const outcome = await device.firmware.writeBlob(blob.sha256, 0, flipped(whole, bit)).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
      // zstd has bits that mean nothing: then the content is right, and that is what counts
      if (outcome === 'taken') {
        unnoticed++;
        outcomes.add(
          sha256(folder.readBytes(`opt/muster/blobs/${blob.sha256}`)) === blob.sha256 ? 'right' : 'wrong',
        );
        folder.drop(`opt/muster/blobs/${blob.sha256}`);
      } else outcomes.add(outcome);
      expect(readdirSync(join(folder.opt, 'blobs'))).toEqual([]);
    }
    outcomes.delete('right');
    expect([...outcomes]).toEqual(['FIRMWARE_DAMAGED']);
    expect(unnoticed).toBeLessThan(whole.length / 4);
  });

  it('in a blob that was good when it came is found before a slot is made of it', async () => {
    const id = await sendTo(device.firmware, bundle);
    const daemon = bundle.manifest.files.find(({ path }) => path === 'muster-daemon.mjs')?.blob ?? '';
    folder.write(`opt/muster/blobs/${daemon}`, '2.0.1\n');
    await expect(device.firmware.install(id)).rejects.toMatchObject({
      code: 'FIRMWARE_DAMAGED',
      details: { path: 'muster-daemon.mjs' },
    });
    const again = await device.firmware.offer(bundle.manifestBytes, bundle.signatures);
    expect(again.missing.map(({ sha256, have }) => [sha256, have])).toEqual([[daemon, 0]]);
  });
});

describe('firmware of', () => {
  it('nobody is refused', async () => {
    await expect(device.firmware.offer(bundle.manifestBytes, [])).rejects.toMatchObject({
      code: 'FIRMWARE_UNSIGNED',
    });
  });

  it('an unknown key is refused, with the keys that are known', async () => {
    const stranger = testKey('stranger');
    const { manifestBytes, signatures } = await folder.bundle({ keys: [stranger] });
    await expect(device.firmware.offer(manifestBytes, signatures)).rejects.toMatchObject({
      code: 'FIRMWARE_UNTRUSTED',
      details: {
        key: stranger.publicKey.id,
        reason: `it trusts test key (${folder.key.publicKey.id})`,
      },
    });
  });

  it('an unknown key that says it is a known one is refused', async () => {
    const stranger = testKey();
    const { signature } = signManifest(bundle.manifestBytes, stranger.pair);
    await expect(
      device.firmware.offer(bundle.manifestBytes, [{ key: folder.key.publicKey.id, signature }]),
    ).rejects.toMatchObject({ code: 'FIRMWARE_UNTRUSTED' });
    // nor does a file that was made to say so help
    folder.trust({ keys: [{ ...stranger.publicKey, id: folder.key.publicKey.id }], revoked: [] });
    await expect(
      device.firmware.offer(bundle.manifestBytes, [{ key: folder.key.publicKey.id, signature }]),
    ).rejects.toMatchObject({ code: 'FIRMWARE_UNTRUSTED' });
  });

  it('a withdrawn key is refused for good, also after it was offered', async () => {
    const id = await sendTo(device.firmware, bundle);
    const { publicKey } = folder.key;
    await device.firmware.revokeKey(publicKey.id);
    const withdrawn = { code: 'FIRMWARE_REVOKED', details: { key: publicKey.id } };
    await expect(device.firmware.install(id)).rejects.toMatchObject(withdrawn);
    await expect(device.firmware.offer(bundle.manifestBytes, bundle.signatures)).rejects.toMatchObject(
      withdrawn,
    );
    await expect(device.firmware.trustKey(publicKey)).rejects.toMatchObject({ code: 'REFUSED' });
    // a second signature, of somebody who is trusted, counts
    const other = testKey('other');
    await device.firmware.trustKey(other.publicKey);
    const both = await folder.bundle({ keys: [folder.key, other] });
    await device.firmware.offer(both.manifestBytes, both.signatures);
  });

  it('anybody is refused while no key is known or the file of keys is damaged', async () => {
    for (const text of ['{"keys":[],"revoked":[]}', '{"keys":[', '[]', '']) {
      folder.write('var/lib/muster/trust.json', text);
      await expect(device.firmware.offer(bundle.manifestBytes, bundle.signatures)).rejects.toMatchObject({
        code: 'FIRMWARE_UNTRUSTED',
        details: { reason: expect.stringContaining('no key') },
      });
    }
    // what was withdrawn would be forgotten
    await expect(device.firmware.trustKey(folder.key.publicKey)).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: expect.stringContaining('damaged') },
    });
  });
});

describe('firmware that does not fit', () => {
  it.each([
    ['another processor', { arch: ['arm64' as const] }, 'it is made for arm64, this device is x64'],
    [
      'another runtime',
      { runtime: '26.0.0', carriesNode: false },
      'it brings no Node.js and needs 26.0.0, this device has 24.21.0',
    ],
    [
      'another configuration',
      { configVersion: 2 },
      "it reads configuration version 2, this device's has version 1",
    ],
  ])('for %s is refused', async (_, change, reason) => {
    const made = await folder.bundle(change);
    await expect(device.firmware.offer(made.manifestBytes, made.signatures)).rejects.toMatchObject({
      code: 'FIRMWARE_MISFIT',
      details: { reason },
    });
  });
});

describe('a signed manifest', () => {
  it.each([
    '../../../../etc/passwd',
    '/etc/passwd',
    'a/../../b',
    './a',
    'a//b',
    'a/',
    'a\nb',
    'a;reboot',
    '',
    'x'.repeat(201),
  ])('with the path %j is refused', async (path) => {
    await expect(
      offerMade(({ files: [first, ...files], ...manifest }) => ({
        ...manifest,
        files: [first, ...files, { ...first, path }],
      })),
    ).rejects.toMatchObject({ code: 'FIRMWARE_INVALID' });
  });

  it.each<[string, (manifest: Manifest) => unknown]>([
    [
      'a file for its own manifest',
      (m) => ({ ...m, files: [...m.files, { ...m.files[0], path: 'manifest.json' }] }),
    ],
    [
      'a file that is a folder too',
      (m) => ({ ...m, files: [...m.files, { ...m.files[0], path: 'x' }, { ...m.files[0], path: 'x/y' }] }),
    ],
    ['two files for one path', (m) => ({ ...m, files: [...m.files, m.files[0]] })],
    ['no daemon', (m) => ({ ...m, files: m.files.filter(({ path }) => path === 'node') })],
    ['a blob of a petabyte', (m) => ({ ...m, blobs: m.blobs.map((blob) => ({ ...blob, bytes: 1e15 })) })],
    ['a blob of -1 bytes', (m) => ({ ...m, blobs: m.blobs.map((blob) => ({ ...blob, packed: -1 })) })],
    [
      '100,000 files',
      (m) => ({ ...m, files: Array.from({ length: 100_000 }, (_, i) => ({ ...m.files[0], path: `f${i}` })) }),
    ],
    ['words nobody knows', (m) => ({ ...m, surprise: true })],
    ['another format', (m) => ({ ...m, format: 2 })],
    ['nothing', () => null],
  ])('with %s is refused', async (_, change) => {
    await expect(offerMade(change)).rejects.toMatchObject({
      code: 'FIRMWARE_INVALID',
      details: { reason: expect.any(String) },
    });
  });

  it('of more than a megabyte, or of no JSON, is refused unread', async () => {
    for (const bytes of [Buffer.alloc(1024 * 1024 + 1, ' '), Buffer.from('{"format":'), Buffer.from([0xff])])
      await expect(
        device.firmware.offer(bytes, [signManifest(bytes, folder.key.pair)]),
      ).rejects.toMatchObject({ code: 'FIRMWARE_INVALID' });
  });

  it('whose blob unpacks to more than it says is cut short there', async () => {
    const big = await folder.bundle({ files: { 'zeros.bin': new Uint8Array(5_000_000) } });
    const zeros = big.manifest.files.find(({ path }) => path === 'zeros.bin')?.blob ?? '';
    const lying = {
      ...big.manifest,
      blobs: big.manifest.blobs.map((blob) => (blob.sha256 === zeros ? { ...blob, bytes: 1000 } : blob)),
    };
    const bytes = Buffer.from(JSON.stringify(lying));
    await device.firmware.offer(bytes, [signManifest(bytes, folder.key.pair)]);
    const packed = await big.readPacked(zeros, 0, 1_000_000);
    await expect(device.firmware.writeBlob(zeros, 0, packed)).rejects.toMatchObject({
      code: 'FIRMWARE_DAMAGED',
      details: { reason: 'it unpacks to more than its 1000 bytes' },
    });
  });
});

describe('a laptop that does not keep to the order', () => {
  it('is refused blobs and installations that nobody offered', async () => {
    const [blob] = bundle.manifest.blobs;
    await expect(device.firmware.writeBlob(blob?.sha256 ?? '', 0, new Uint8Array(1))).rejects.toMatchObject({
      code: 'REFUSED',
    });
    await expect(device.firmware.install(bundle.manifestHash)).rejects.toMatchObject({ code: 'REFUSED' });
    await device.firmware.offer(bundle.manifestBytes, bundle.signatures);
    await expect(device.firmware.install(bundle.manifestHash)).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: 'not all of it has arrived: offer it again' },
    });
  });

  it('is told to begin anew when it sends too much', async () => {
    const { missing } = await device.firmware.offer(bundle.manifestBytes, bundle.signatures);
    const [blob] = missing;
    await expect(
      device.firmware.writeBlob(blob?.sha256 ?? '', 0, new Uint8Array((blob?.packed ?? 0) + 1)),
    ).rejects.toMatchObject({ code: 'FIRMWARE_DAMAGED' });
    expect(existsSync(join(folder.opt, 'blobs')) ? readdirSync(join(folder.opt, 'blobs')) : []).toEqual([]);
  });
});
