import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/shared/errors.ts';
import { firmwareFileSchema } from '../../../src/shared/campaign.ts';
import { firmwareFileOf, openFw, readFw } from '../../../src/core/nerves/fw-file.ts';
import { metaUuid } from '../../../src/core/nerves/meta-conf.ts';
import { judgeSignature, readNervesKeys, requireSigner } from '../../../src/core/nerves/nerves-keys.ts';
import { blake2b256, fwBytes, fwupKeys, zip, type ZipPart } from '../../support/fw-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-fw-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;

function fileOf(bytes: Uint8Array): string {
  const path = join(dir, `${++files}.fw`);
  writeFileSync(path, bytes);
  return path;
}

/** Why a file is refused; a file that is taken fails the test. */
async function refusal(bytes: Uint8Array, read = readFw): Promise<string> {
  const path = fileOf(bytes);
  const thrown = await read(path).then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(MusterError);
  expect(thrown).toMatchObject({ code: 'FIRMWARE_INVALID', details: { path } });
  return String((thrown as MusterError).details['reason']);
}

const conf = (text: string): ZipPart => ({ name: 'meta.conf', data: Buffer.from(text) });
const HEAD = 'meta-product="p"\nmeta-version="1"\nmeta-platform="rpi4"\nmeta-architecture="arm"\n';
const TASK = 'task "upgrade.a" { on-init { funlist = {"2", "info", "hello"} } }\n';

describe('a .fw file', () => {
  it('is read as fwup writes it', async () => {
    const bytes = fwBytes({ product: 'Weather', version: '1.2.0' });
    const fw = await readFw(fileOf(bytes));
    expect(fw.meta).toMatchObject({
      product: 'Weather',
      version: '1.2.0',
      platform: 'rpi4',
      author: 'a "test"',
    });
    expect(fw.uuid).toBe(metaUuid(fw.metaConf));
    expect(fw.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(fw.resources).toEqual([expect.objectContaining({ path: 'data/rootfs.img', bytes: 300_000 })]);
    expect(fw.upgrades.map(({ name }) => name)).toEqual(['upgrade.a', 'upgrade.b', 'upgrade.unexpected']);
    expect(fw.upgrades[0]?.requirements[2]).toEqual([
      'require-uboot-variable',
      'uboot-env',
      'b.nerves_fw_validated',
      '1',
    ]);
    expect(fw.mediaBlocks).toBe(655_412);
    expect(bytes.toString('latin1', fw.commitAt, fw.commitAt + 4)).toBe('PK\x01\x02');
    expect(firmwareFileSchema.parse(firmwareFileOf(fw, []))).toMatchObject({
      kind: 'nerves',
      identity: fw.uuid,
      signatures: [],
    });
  });

  it('takes stored parts, sizes in front, SHA-256 of old files, sparse parts and differences', async () => {
    const data = Buffer.from('sparse data');
    const text = `${HEAD}${TASK}
file-resource "a" { length={5, 4096, 6}\n blake2b-256="${blake2b256(data)}" }
file-resource "/b" { length=3\n sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }
file-resource "c" { length=99\n blake2b-256="${'0'.repeat(64)}" }`;
    const fw = await readFw(
      fileOf(
        zip([
          { ...conf(text), descriptor: false },
          { name: 'data/a', data, stored: true },
          { name: 'b', data: Buffer.from('abc') },
          { name: 'data/c', data: Buffer.from('\xd6\xc3\xc4\x00', 'latin1') },
        ]),
      ),
    );
    expect(fw.resources.map(({ bytes }) => bytes)).toEqual([11, 3, 99]);
  });

  it('is refused when cut anywhere, in words that say so', async () => {
    const whole = fwBytes();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: whole.length - 1 }), async (length) => {
        expect(await refusal(whole.subarray(0, length), openFw)).toBe('it is cut off: its end is missing');
      }),
      { numRuns: 60 },
    );
  });

  it('is refused for any flipped byte', async () => {
    const whole = fwBytes({ resources: [{ name: 'rootfs.img', data: Buffer.alloc(3000, 'squashfs') }] });
    const { uuid } = await readFw(fileOf(whole));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= flip;
        // dates, versions and attributes of the ZIP say nothing; what counts must be refused or the same
        const outcome = await readFw(fileOf(bytes)).then(
          (fw) => fw.uuid,
          (error: MusterError) => error.code,
        );
        expect([uuid, 'FIRMWARE_INVALID']).toContain(outcome);
      }),
      { numRuns: 150 },
    );
  });

  it('never throws anything else, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (noise, magic) => {
        const bytes = magic ? Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), noise]) : noise;
        expect(await refusal(bytes)).toMatch(/cut off|not a .fw file/);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, Buffer, string]>([
    ['no ZIP at all', Buffer.from('hello there, no firmware'), 'it is not a .fw file'],
    ['an empty ZIP', zip([]), 'it does not begin with a description (meta.conf)'],
    [
      'no meta.conf',
      zip([{ name: 'data/x', data: Buffer.from('x') }]),
      'it does not begin with a description (meta.conf)',
    ],
    ['a meta.conf of nothing', zip([conf('#')]), 'its description (meta.conf) has an absurd size'],
    ['a huge meta.conf', zip([conf(' '.repeat(50_000))]), 'its description (meta.conf) has an absurd size'],
    ['a meta.conf that is none', zip([conf('}}}}}}}}}}}}}}')]), 'its description (meta.conf) cannot be read'],
    ['no platform', zip([conf('meta-product="p"\nmeta-version="1"')]), 'its description names no platform'],
    ['no upgrade task', zip([conf(HEAD)]), 'it can only be written to a card, not sent to a device'],
    [
      'a part without a hash',
      zip([conf(`${HEAD}${TASK}file-resource "a" { length=1 }`)]),
      'its description gives no hash of a',
    ],
    [
      'a part without a length',
      zip([conf(`${HEAD}${TASK}file-resource "a" { }`)]),
      'its description gives no length of a',
    ],
    [
      'a part that is missing',
      zip([conf(`${HEAD}${TASK}file-resource "a" { length=1\n blake2b-256="${'0'.repeat(64)}" }`)]),
      'data/a is missing',
    ],
    [
      'a part that nobody describes',
      zip([conf(`${HEAD}${TASK}`), { name: '../../etc/passwd', data: Buffer.from('x') }]),
      '../../etc/passwd is not in its description',
    ],
    [
      'a part with another content',
      zip([
        conf(`${HEAD}${TASK}file-resource "a" { length=1\n blake2b-256="${'0'.repeat(64)}" }`),
        { name: 'data/a', data: Buffer.from('x') },
      ]),
      'data/a is damaged: its hash is not the one in the description',
    ],
    [
      'a short signature',
      zip([{ name: 'meta.conf.ed25519', data: Buffer.alloc(63), stored: true }, conf(`${HEAD}${TASK}`)]),
      'its signature has a wrong length',
    ],
    ['one name twice', zip([conf(`${HEAD}${TASK}`), conf(`${HEAD}${TASK}`)]), 'two parts have one name'],
    [
      'bytes in front',
      Buffer.concat([Buffer.from('PK\x03\x04 hidden', 'latin1'), fwBytes()]),
      'the list of its content is damaged',
    ],
  ])('is refused with %s', async (_what, bytes, reason) => {
    expect(await refusal(bytes)).toBe(reason);
  });

  it('is refused when a reader of the stream would see another file', async () => {
    const bytes = fwBytes();
    bytes.write('meta.cunf', 30, 'latin1');
    expect(await refusal(bytes)).toBe('meta.conf is not what the list of content says');
  });

  it('that is not there is refused by its path', async () => {
    await expect(readFw('/nowhere/a.fw')).rejects.toMatchObject({
      code: 'FIRMWARE_INVALID',
      details: { reason: 'there is no such file' },
    });
  });
});

describe('the signature of a .fw file', () => {
  it('is good for a key this laptop keeps, unknown for another, and demanded where keys are kept', async () => {
    const config = mkdtempSync(join(dir, 'config-'));
    expect(await readNervesKeys(config)).toEqual([]);
    const mine = fwupKeys();

    mkdirSync(join(config, 'nerves-keys'));
    writeFileSync(join(config, 'nerves-keys', 'field team.pub'), mine.publicText);
    const keys = await readNervesKeys(config);
    const signed = await readFw(fileOf(fwBytes({ signer: mine.signer })));
    const foreign = await readFw(fileOf(fwBytes({ signer: fwupKeys().signer })));
    const unsigned = await readFw(fileOf(fwBytes()));
    expect(signed.uuid).toBe(unsigned.uuid);
    expect(firmwareFileOf(signed, keys).signatures).toEqual([
      { key: keys[0]?.id, name: 'field team', good: true },
    ]);
    expect(judgeSignature(foreign, keys)).toEqual([{ key: 'unknown', name: null, good: null }]);
    const demand = (fw: typeof signed) => () => requireSigner(judgeSignature(fw, keys), keys);
    expect(demand(signed)).not.toThrow();
    expect(demand(foreign)).toThrow(expect.objectContaining({ code: 'FIRMWARE_UNTRUSTED' }));
    expect(demand(unsigned)).toThrow(expect.objectContaining({ code: 'FIRMWARE_UNSIGNED' }));
    expect(() => requireSigner([], [])).not.toThrow();
  });

  it('is not left out because a key file is broken', async () => {
    const config = mkdtempSync(join(dir, 'config-'));

    mkdirSync(join(config, 'nerves-keys'));
    writeFileSync(join(config, 'nerves-keys', 'a.pub'), 'not a key');
    await expect(readNervesKeys(config)).rejects.toMatchObject({ code: 'KEY_FILE_BAD' });
  });
});
