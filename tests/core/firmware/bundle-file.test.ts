import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkContent, contentOf, pack, unpackedBlob } from '../../../src/core/firmware/bundle-content.ts';
import { openBundle, packedBlob, writeBundle, type Bundle } from '../../../src/core/firmware/bundle-file.ts';
import { signatureIsGood } from '../../../src/core/firmware/signature.ts';
import { DAEMON_PATH, type Manifest } from '../../../src/shared/firmware.ts';
import { testKey, writeTestBundle } from '../../support/firmware.ts';

let dir = '';
let good: Buffer;
let file = '';
const key = testKey();
const daemon = 'console.log("a daemon");\n'.repeat(500);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'muster-bundle-'));
  file = join(dir, 'good.mfw');
  await writeTestBundle(file, { files: { [DAEMON_PATH]: daemon, 'drivers/own.mjs': 'x' }, keys: [key] });
  good = readFileSync(file);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function withBundle<T>(bytes: Uint8Array, work: (bundle: Bundle) => Promise<T>): Promise<T> {
  const path = join(dir, 'changed.mfw');
  writeFileSync(path, bytes);
  const bundle = await openBundle(path);
  try {
    return await work(bundle);
  } finally {
    await bundle.close();
  }
}

describe('a bundle file', () => {
  it('reads back what was written', async () => {
    const bundle = await openBundle(file);
    expect(bundle.manifest.files.map(({ path }) => path)).toEqual(['drivers/own.mjs', DAEMON_PATH]);
    const [signature] = bundle.signatures;
    expect(signature && signatureIsGood(bundle.manifestBytes, signature, key.publicKey)).toBe(true);
    const { blob } = bundle.manifest.files[1] as Manifest['files'][number];
    const chunks: Uint8Array[] = [];
    for await (const chunk of unpackedBlob(bundle, blob)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(daemon);
    await checkContent(bundle);
    await bundle.close();
  });

  it('gives any range of a packed blob', async () => {
    const bundle = await openBundle(file);
    for (const { sha256, packed } of bundle.manifest.blobs) {
      const all: Uint8Array[] = [];
      for await (const chunk of packedBlob(bundle, sha256)) all.push(chunk);
      const whole = Buffer.concat(all);
      expect(whole.length).toBe(packed);
      const from = packed - 3;
      expect(await bundle.readPacked(sha256, from, 100)).toEqual(whole.subarray(from));
      expect(await bundle.readPacked(sha256, packed, 100)).toHaveLength(0);
    }
    await bundle.close();
  });

  it('is the same bytes for the same input, in whatever order it came', async () => {
    const again = join(dir, 'again.mfw');
    await writeTestBundle(again, { files: { 'drivers/own.mjs': 'x', [DAEMON_PATH]: daemon }, keys: [key] });
    expect(readFileSync(again).equals(good)).toBe(true);
  });

  it('packs the same however the content comes in chunks', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 7));
    const whole = contentOf(bytes);
    const inChunks = (size: number) => ({
      ...whole,
      async *read() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      },
    });
    const packedBytes = async (content: typeof whole) => (await pack(content)).bytes;
    const one = await packedBytes(whole);
    expect(await packedBytes(inChunks(65_536))).toEqual(one);
    expect(await packedBytes(inChunks(999))).toEqual(one);
  });

  it('leaves nothing behind, and the old file alone, when a blob fails half-way', async () => {
    const bundle = await openBundle(file);
    const before = readdirSync(dir);
    const blobs = bundle.manifest.blobs.map(({ sha256 }) => ({
      sha256,
      bytes: (async function* () {
        yield Buffer.from('half');
        throw new Error('the stick was pulled');
      })(),
    }));
    const { manifestBytes, signatures } = bundle;
    await expect(writeBundle(file, { manifestBytes, signatures, blobs })).rejects.toThrow(
      'the stick was pulled',
    );
    expect(readdirSync(dir)).toEqual(before);
    expect(readFileSync(file).equals(good)).toBe(true);
    await bundle.close();
  });

  it('says so where there is no file, or a folder', async () => {
    await expect(openBundle(join(dir, 'nothing.mfw'))).rejects.toMatchObject({
      code: 'FIRMWARE_INVALID',
      details: { reason: 'there is no such file' },
    });
    await expect(openBundle(dir)).rejects.toMatchObject({ details: { reason: 'it is a folder' } });
  });

  it('tells when it is cut while it is read', async () => {
    const path = join(dir, 'cut.mfw');
    writeFileSync(path, good);
    const bundle = await openBundle(path);
    truncateSync(path, good.length - 5);
    const last = bundle.manifest.blobs.at(-1)?.sha256 ?? '';
    await expect(bundle.readPacked(last, 0, 1e6)).rejects.toMatchObject({ code: 'FIRMWARE_INVALID' });
    await bundle.close();
  });
});

describe('a changed bundle', () => {
  /** Changes at any place: flipped, replaced, cut, grown. */
  const changes = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
      fc.record({
        kind: fc.constant('put' as const),
        at: fc.nat(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
      fc.record({
        kind: fc.constant('grow' as const),
        at: fc.nat(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  );

  interface Judgement {
    /** Code of what was thrown, null when all was right. */
    error: string | null;
    signed: boolean;
    manifest: string;
  }

  async function judged(bytes: Uint8Array): Promise<Judgement> {
    const judgement: Judgement = { error: null, signed: false, manifest: '' };
    try {
      await withBundle(bytes, async (bundle) => {
        judgement.manifest = Buffer.from(bundle.manifestBytes).toString();
        judgement.signed = bundle.signatures.some(
          (one) => one.key === key.publicKey.id && signatureIsGood(bundle.manifestBytes, one, key.publicKey),
        );
        await checkContent(bundle);
      });
    } catch (error) {
      judgement.error = String((error as { code?: string }).code ?? error);
    }
    return judgement;
  }

  it('never crashes the reader, and never passes for signed when its manifest is another', async () => {
    const manifestBytes = Buffer.from(
      (await withBundle(good, (bundle) => Promise.resolve(bundle))).manifestBytes,
    );
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        let bytes = Buffer.from(good);
        for (const change of list) {
          const at = change.at % bytes.length;
          if (change.kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << change.bit);
          else if (change.kind === 'put') bytes.set(change.bytes.subarray(0, bytes.length - at), at);
          else if (change.kind === 'cut')
            bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + change.length)]);
          else bytes = Buffer.concat([bytes.subarray(0, at), change.bytes, bytes.subarray(at)]);
          if (bytes.length === 0) return;
        }
        expect(await judged(bytes)).toSatisfy(
          ({ error, signed, manifest }: Judgement) =>
            (error === null || /^FIRMWARE_(INVALID|DAMAGED)$/.test(error)) &&
            (!signed || manifest === manifestBytes.toString()) &&
            // what passes both checks has the content that was signed
            (error !== null || !signed || bytes.length === good.length),
        );
      }),
      { numRuns: 400 },
    );
  });
});
