import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  newWords,
  publicKeyFile,
  readKeyFile,
  sealKey,
  unsealKey,
} from '../../../src/core/firmware/hand-over.ts';
import { openKeyring } from '../../../src/core/firmware/keyring.ts';
import { keyId, signatureIsGood, signManifest } from '../../../src/core/firmware/signature.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-keys-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const manifest = Buffer.from('{"format":1}');
const signing = () => join(dir, 'signing');

describe('a signature', () => {
  it('is what RFC 8032 says', () => {
    // section 7.1, test 1: the public key of this seed
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const publicKey = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    const signature = signManifest(manifest, { publicKey, seed });
    const key = { id: keyId(publicKey), name: 'RFC', key: publicKey.toString('base64') };
    expect(signatureIsGood(manifest, signature, key)).toBe(true);
    expect(signManifest(manifest, { publicKey, seed })).toEqual(signature);
    expect(signatureIsGood(Buffer.from('{"format":2}'), signature, key)).toBe(false);
  });
});

describe('a keyring', () => {
  it('keeps its secrets from everybody else, and makes nothing before it is asked', async () => {
    const keyring = openKeyring(dir);
    expect(await keyring.list()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
    await keyring.create('Ada');
    expect(statSync(signing()).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(signing()))
      expect(statSync(join(signing(), file)).mode & 0o777).toBe(0o600);
  });

  it('signs with its own keys and judges by all it knows', async () => {
    const keyring = openKeyring(dir);
    const { id } = await keyring.create('Ada');
    const signature = await keyring.sign(id, manifest);
    const stranger = { key: 'f'.repeat(16), signature: signature.signature };
    expect(await keyring.judge(manifest, [signature, stranger])).toEqual([
      { key: id, name: 'Ada', good: true },
      { key: 'f'.repeat(16), name: null, good: null },
    ]);
    expect(await keyring.judge(Buffer.from('other'), [signature])).toEqual([
      { key: id, name: 'Ada', good: false },
    ]);
    await expect(keyring.sign('f'.repeat(16), manifest)).rejects.toMatchObject({
      code: 'SIGNING_KEY_UNKNOWN',
    });
  });

  it('makes its first key once', async () => {
    const keyring = openKeyring(dir);
    const [first] = await keyring.ensureOwn('Ada');
    expect(await keyring.ensureOwn('Bob')).toEqual([first]);
  });

  it('finds by id and by name, unless two have that name', async () => {
    const keyring = openKeyring(dir);
    const { id } = await keyring.create('Ada');
    expect(await keyring.find('Ada')).toMatchObject({ id });
    await keyring.create('Ada');
    expect(await keyring.find(id)).toMatchObject({ id });
    await expect(keyring.find('Ada')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(keyring.find('Eve')).rejects.toMatchObject({
      code: 'SIGNING_KEY_UNKNOWN',
      details: { key: 'Eve' },
    });
  });

  it('knows a colleague’s key without signing with it, and never demotes its own', async () => {
    const keyring = openKeyring(dir);
    const other = mkdtempSync(join(tmpdir(), 'muster-keys-'));
    const theirs = await openKeyring(other).create('Bob');
    rmSync(other, { recursive: true });
    expect(await keyring.addKnown(theirs)).toMatchObject({ own: false });
    await expect(keyring.sign(theirs.id, manifest)).rejects.toMatchObject({ code: 'SIGNING_KEY_UNKNOWN' });
    const mine = await keyring.create('Ada');
    expect(await keyring.addKnown(mine)).toMatchObject({ own: true });
    expect((await keyring.list()).map(({ name, own }) => [name, own])).toEqual([
      ['Ada', true],
      ['Bob', false],
    ]);
  });

  it('names a damaged key file without quoting it', async () => {
    const keyring = openKeyring(dir);
    const { id } = await keyring.create('Ada');
    const path = join(signing(), `${id}.key`);
    const text = readFileSync(path, 'utf8');
    const { secret } = JSON.parse(text) as { secret: string };
    for (const broken of [text.slice(0, -10), text.replace(id, '0'.repeat(16)), '[]']) {
      writeFileSync(path, broken);
      const error = await keyring.list().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'SIGNING_KEY_BAD', details: { path } });
      expect(`${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`).not.toContain(
        secret,
      );
    }
  });
});

describe('handing a key over', () => {
  it('opens with its words, however they are typed, and with no others', async () => {
    const keyring = openKeyring(dir);
    const { id } = await keyring.create('Ada');
    const own = await keyring.secretOf(id);
    const words = newWords();
    expect(words.split(' ')).toHaveLength(8);
    const text = await sealKey(own, words);
    expect(text).not.toContain(own.secret);
    expect(readKeyFile('k', text)).toMatchObject({ kind: 'sealed', key: { id, name: 'Ada' } });
    expect(await unsealKey('k', text, ` ${words.toUpperCase().replaceAll(' ', '  ')}\n`)).toEqual(own);
    await expect(unsealKey('k', text, newWords())).rejects.toMatchObject({ code: 'SIGNING_KEY_LOCKED' });
    // whose key it is, is sealed with it
    await expect(unsealKey('k', text.replace('Ada', 'Eve'), words)).rejects.toMatchObject({
      code: 'SIGNING_KEY_LOCKED',
    });
  });

  it('refuses what is no key file, and a public key under a false id', async () => {
    const { id, name, key } = await openKeyring(dir).create('Ada');
    const text = publicKeyFile({ id, name, key });
    expect(readKeyFile('k', text)).toEqual({ kind: 'public', key: { id, name, key } });
    for (const wrong of ['', '{}', '[1', text.replace(id, 'f'.repeat(16)), text.replace('public key 1', 'x')])
      expect(() => readKeyFile('k', wrong)).toThrow(expect.objectContaining({ code: 'SIGNING_KEY_BAD' }));
  });
});
