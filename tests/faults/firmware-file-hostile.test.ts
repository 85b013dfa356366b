/** Bundles that somebody made to do harm, or that tools broke: each is refused with the reason, before it costs anything. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkContent, contentOf, pack } from '../../src/core/firmware/bundle-content.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { BUNDLE_MAGIC, DAEMON_PATH, type Manifest } from '../../src/shared/firmware.ts';
import { writeTestBundle } from '../support/firmware.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-hostile-'));
const file = join(dir, 'hostile.mfw');
let good: Buffer;
let manifest: Manifest;
let blobs: Buffer;

beforeAll(async () => {
  await writeTestBundle(file, { files: { [DAEMON_PATH]: 'console.log(1);\n', 'drivers/own.mjs': 'x' } });
  good = readFileSync(file);
  const bundle = await openBundle(file);
  ({ manifest } = bundle);
  await bundle.close();
  blobs = good.subarray(good.length - manifest.blobs.reduce((sum, { packed }) => sum + packed, 0));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A file of these parts, however wrong. */
function assemble(head: string | object, signatures: string | object = [], tail: Uint8Array = blobs): Buffer {
  const section = (value: string | object) => {
    const text = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  };
  return Buffer.concat([Buffer.from(BUNDLE_MAGIC), section(head), section(signatures), tail]);
}

/** Code and reason of what opening it and unpacking all of it throws; `whole` when nothing does. */
async function refusal(bytes: Uint8Array): Promise<string> {
  writeFileSync(file, bytes);
  try {
    const bundle = await openBundle(file);
    try {
      await checkContent(bundle);
    } finally {
      await bundle.close();
    }
    return 'whole';
  } catch (thrown) {
    const { code, details } = thrown as { code: string; details?: { reason: string } };
    return `${code} ${details?.reason}`;
  }
}

/** The good manifest with its first file at another path. */
const withPath = (path: string) => {
  const [first, ...others] = manifest.files;
  return { ...manifest, files: [{ ...first, path }, ...others] };
};

/** A bundle whose only blob says it is `bytes` of content and is `packed`. */
const oneBlob = (content: Uint8Array, bytes: number, packed: Buffer) => {
  const { sha256 } = contentOf(content);
  const lie = {
    ...manifest,
    files: [{ path: DAEMON_PATH, executable: false, arch: null, blob: sha256 }],
    blobs: [{ sha256, bytes, packed: packed.length }],
  };
  return assemble(lie, [], packed);
};

it('takes the file they are all made from', async () => {
  expect(await refusal(assemble(manifest))).toBe('whole');
});

describe('a hostile bundle', () => {
  it.each([
    '../etc/passwd',
    '/etc/passwd',
    'a/../../b',
    'a//b',
    'a/./b',
    'C:\\x',
    'a\nb',
    '..',
    'a/',
    '',
    '-rf/~',
  ])('does not leave its slot by the path %j', async (path) => {
    expect(await refusal(assemble(withPath(path)))).toMatch(
      /^FIRMWARE_INVALID the manifest at files\.0\.path/,
    );
  });

  it('puts no two files in one place, and none where a folder or the manifest belongs', async () => {
    expect(await refusal(assemble(withPath(DAEMON_PATH)))).toMatch('two files for one path');
    expect(await refusal(assemble(withPath(`${DAEMON_PATH}/x`)))).toMatch('a file stands where its folder');
    expect(await refusal(assemble(withPath('manifest.json')))).toMatch('the manifest itself');
  });

  it.each([
    { packed: 2 ** 40 },
    { packed: 0 },
    { packed: -1 },
    { bytes: 2 ** 40 },
    { bytes: 1.5 },
    { sha256: 'F'.repeat(64) },
  ])('says nothing absurd of a blob: %o', async (wrong) => {
    const [first, ...others] = manifest.blobs;
    expect(await refusal(assemble({ ...manifest, blobs: [{ ...first, ...wrong }, ...others] }))).toMatch(
      /^FIRMWARE_INVALID the manifest at blobs\.0/,
    );
  });

  it('lists nothing twice, and nothing that no file is made of', async () => {
    const [blob] = manifest.blobs;
    expect(await refusal(assemble({ ...manifest, blobs: [blob, blob] }))).toMatch('listed twice');
    expect(await refusal(assemble({ ...manifest, files: manifest.files.slice(1) }))).toMatch(
      'no file is made',
    );
  });

  it('announces no section larger than it may be', async () => {
    const huge = Buffer.from(good);
    huge.writeUInt32LE(0xffff_ffff, BUNDLE_MAGIC.length);
    expect(await refusal(huge)).toMatch('4294967295 bytes, 1048576 at most are allowed');
  });

  it('does not unpack to more than it says', async () => {
    const bomb = Buffer.alloc(64 * 1024 * 1024);
    const packed = zstdCompressSync(bomb);
    expect(packed.length).toBeLessThan(10_000);
    expect(await refusal(oneBlob(bomb, 1000, packed))).toMatch('it unpacks to more than it should');
  });

  it('makes nobody hold a window larger than is allowed', async () => {
    const content = Buffer.alloc(1024);
    const packed = zstdCompressSync(Buffer.alloc(128 * 1024 * 1024), {
      params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 },
    });
    expect(await refusal(oneBlob(content, content.length, packed))).toMatch('cannot be read');
  });

  it('hides nothing behind a blob', async () => {
    const content = Buffer.from('x');
    const packed = Buffer.concat([(await pack(contentOf(content))).bytes, Buffer.from('hidden')]);
    expect(await refusal(oneBlob(content, 1, packed))).toMatch('followed by bytes that belong to nothing');
  });
});

describe('a broken bundle', () => {
  it('is told from other files, and from half of itself', async () => {
    expect(await refusal(Buffer.from('PK\u0003\u0004 a zip'))).toMatch('does not begin');
    expect(await refusal(Buffer.alloc(0))).toMatch('does not begin');
    expect(await refusal(good.subarray(0, 10))).toMatch('ends within the manifest');
    expect(await refusal(good.subarray(0, -1))).toMatch('it is cut');
    expect(await refusal(Buffer.concat([good, Buffer.from('x')]))).toMatch('1 bytes too many');
  });

  it('has a manifest and signatures that can be read', async () => {
    expect(await refusal(assemble('{"format":'))).toMatch('the manifest cannot be read as JSON');
    expect(await refusal(assemble(manifest, '\u0000'))).toMatch('the signatures cannot be read as JSON');
    expect(await refusal(assemble({ ...manifest, format: 2 }))).toMatch('at format');
    expect(await refusal(assemble({ ...manifest, made: 'today' }))).toMatch('made');
  });
});
