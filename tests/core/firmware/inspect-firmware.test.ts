import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inspectFirmware } from '../../../src/core/firmware/inspect-firmware.ts';
import { openKeyring } from '../../../src/core/firmware/keyring.ts';
import { firmwareFileSchema } from '../../../src/shared/campaign.ts';
import { RUNTIME_PATH } from '../../../src/shared/firmware.ts';
import { testKey, writeTestBundle } from '../../support/firmware.ts';
import { fwBytes, fwupKeys } from '../../support/fw-file.ts';

let dir = '';
const file = () => join(dir, 'file');
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-inspect-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('tells of a bundle what it is, for what, and what is to be thought of its signatures', async () => {
  const [known, stranger] = [testKey('Ada'), testKey()];
  const keyring = openKeyring(dir);
  await keyring.addKnown(known.publicKey);
  await writeTestBundle(file(), {
    product: 'station',
    version: '2.0.0',
    arch: ['arm64'],
    files: { [RUNTIME_PATH]: 'a runtime' },
    keys: [known, stranger],
  });
  const firmware = await inspectFirmware(file(), keyring);
  expect(firmwareFileSchema.parse(firmware)).toEqual(firmware);
  expect(firmware).toMatchObject({
    kind: 'muster',
    product: 'station',
    version: '2.0.0',
    architectures: ['arm64'],
    platform: null,
    runtime: { carried: true },
    signatures: [
      { key: known.publicKey.id, name: 'Ada', good: true },
      { key: stranger.publicKey.id, name: null, good: null },
    ],
  });
});

it('tells of a Nerves file the same, by its own keys', async () => {
  const { publicText, signer } = fwupKeys();
  mkdirSync(join(dir, 'nerves-keys'));
  writeFileSync(join(dir, 'nerves-keys/factory.pub'), publicText);
  writeFileSync(file(), fwBytes({ signer }));
  const firmware = await inspectFirmware(file(), openKeyring(dir));
  expect(firmwareFileSchema.parse(firmware)).toEqual(firmware);
  expect(firmware).toMatchObject({ kind: 'nerves', signatures: [{ name: 'factory', good: true }] });
});

it('says why it is neither', async () => {
  const keyring = openKeyring(dir);
  for (const text of ['', 'P', 'hello', 'PK but no zip file']) {
    writeFileSync(file(), text);
    await expect(inspectFirmware(file(), keyring)).rejects.toMatchObject({
      code: 'FIRMWARE_INVALID',
      details: { path: file(), reason: expect.stringMatching(/\w/) },
    });
  }
  await expect(inspectFirmware(join(dir, 'nothing'), keyring)).rejects.toMatchObject({
    code: 'FIRMWARE_INVALID',
  });
  await expect(inspectFirmware(dir, keyring)).rejects.toMatchObject({ code: 'FIRMWARE_INVALID' });
});
