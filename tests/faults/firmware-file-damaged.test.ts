/** A bundle with a flipped bit, judged on the laptop: which part it was is said, and it never passes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { openKeyring, type Keyring } from '../../src/core/firmware/keyring.ts';
import { signBundle, verifyBundle } from '../../src/core/firmware/sign-bundle.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { DAEMON_PATH } from '../../src/shared/firmware.ts';
import { testKey, writeTestBundle } from '../support/firmware.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-damage-'));
const file = join(dir, 'changed.mfw');
let keyring: Keyring;
let good: Buffer;

beforeAll(async () => {
  keyring = openKeyring(dir);
  const { id } = await keyring.create('Ada');
  await writeTestBundle(file, { files: { [DAEMON_PATH]: 'console.log(1);\n'.repeat(200) } });
  await signBundle(file, keyring, id);
  good = readFileSync(file);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function verify(bytes: Buffer) {
  writeFileSync(file, bytes);
  const bundle = await openBundle(file);
  try {
    return await verifyBundle(bundle, keyring);
  } finally {
    await bundle.close();
  }
}

async function codeAndReason(bytes: Buffer): Promise<{ code: ErrorCode; reason: string }> {
  try {
    await verify(bytes);
    throw new Error('it passed');
  } catch (thrown) {
    const { code, details } = thrown as { code: ErrorCode; details: { reason: string } };
    return { code, reason: details.reason };
  }
}

/** The good file with one bit turned at `at`. */
function flipped(at: number, bit = 0): Buffer {
  const bytes = Buffer.from(good);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
}

describe('verify', () => {
  it('passes what is whole', async () => {
    expect(await verify(good)).toMatchObject([{ name: 'Ada', good: true }]);
  });

  it('says that a blob was changed, and which file is made of it', async () => {
    const { code, reason } = await codeAndReason(flipped(good.length - 3));
    expect(code).toBe('FIRMWARE_DAMAGED');
    expect(reason).toContain(DAEMON_PATH);
  });

  it('says that manifest and signature do not fit, whichever was changed', async () => {
    const version = good.indexOf('9.9.9');
    const signature = good.indexOf('"signature":"') + 20;
    // another letter of base64: a flipped bit may give one that is none
    const otherLetter = Buffer.from(good);
    otherLetter.write(good.toString('latin1', signature, signature + 1) === 'A' ? 'B' : 'A', signature);
    for (const bytes of [flipped(version), otherLetter]) {
      const { code, reason } = await codeAndReason(bytes);
      expect(code).toBe('FIRMWARE_INVALID');
      expect(reason).toContain('the signature of Ada does not fit its manifest');
    }
  });

  it('passes no file with any one bit turned', async () => {
    // every 13th bit of the whole file
    for (let at = 0; at < good.length * 8; at += 13)
      expect((await codeAndReason(flipped(at >> 3, at & 7))).code).toMatch(/^FIRMWARE_/);
  });

  it('refuses a signer that this laptop does not know, and a file that nobody signed', async () => {
    const other = join(dir, 'other.mfw');
    await writeTestBundle(other, { keys: [testKey('Eve')] });
    expect((await codeAndReason(readFileSync(other))).code).toBe('FIRMWARE_UNTRUSTED');
    await writeTestBundle(other);
    expect((await codeAndReason(readFileSync(other))).code).toBe('FIRMWARE_UNSIGNED');
  });

  it('takes a second signature beside the first, and one of each key', async () => {
    writeFileSync(file, good);
    const bob = await keyring.create('Bob');
    await signBundle(file, keyring, bob.id);
    await signBundle(file, keyring, bob.id);
    expect(await verify(readFileSync(file))).toMatchObject([{ name: 'Ada' }, { name: 'Bob', good: true }]);
  });

  it('signs nothing that is damaged', async () => {
    const bytes = flipped(good.length - 3);
    writeFileSync(file, bytes);
    const [{ id } = { id: '' }] = await keyring.list();
    await expect(signBundle(file, keyring, id)).rejects.toMatchObject({ code: 'FIRMWARE_DAMAGED' });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});
