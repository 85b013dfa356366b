import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { filtered } from '../../src/shared/branch-filter.ts';

async function through(chunks: Uint8Array[], way: 'pack' | 'unpack'): Promise<Buffer> {
  const out: Uint8Array[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const chunk of filtered(source, 'arm64', way)) out.push(chunk);
  return Buffer.concat(out);
}

const words = (...list: number[]) => Buffer.from(Uint32Array.from(list).buffer);

it('makes two calls of one function look the same', async () => {
  // BL from 0 to 0x1000, and from 4 to 0x1000: 0x400 and 0x3ff words away
  const rewritten = await through([words(0x9400_0400, 0x9400_03ff)], 'pack');
  expect(rewritten).toEqual(words(0x9400_0400, 0x9400_0400));
});

it('makes two addresses of one page look the same', async () => {
  // ADRP x0 of page 3, from page 0 and from page 1: distances 3 and 2 (immlo in bits 29 and 30)
  const from = Buffer.alloc(4100);
  from.writeUInt32LE(0xf000_0000, 0);
  from.writeUInt32LE(0xd000_0000, 4096);
  const rewritten = await through([from], 'pack');
  expect(rewritten.readUInt32LE(4096)).toBe(rewritten.readUInt32LE(0));
});

it('is undone exactly, wherever the chunks are cut', async () => {
  // words that look like instructions more often than chance has it
  const word = fc.oneof(
    fc.integer({ min: 0, max: 0x03ff_ffff }).map((n) => (0x9400_0000 | n) >>> 0),
    fc.integer({ min: 0, max: 0x6fff_ffff }).map((n) => ((n & 0x60ff_ffff) | 0x9000_0000) >>> 0),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 2000 }),
      fc.uint8Array({ maxLength: 3 }),
      fc.integer({ min: 1, max: 4099 }),
      fc.integer({ min: 1, max: 4099 }),
      async (list, tail, one, other) => {
        const bytes = Buffer.concat([words(...list), tail]);
        const cut = (from: Buffer, size: number) =>
          Array.from({ length: Math.ceil(from.length / size) }, (_, i) =>
            from.subarray(i * size, (i + 1) * size),
          );
        const packed = await through(cut(bytes, one), 'pack');
        expect(await through(cut(packed, other), 'unpack')).toEqual(bytes);
      },
    ),
    { numRuns: 200 },
  );
});
