/**
 * Makes arm64 programs pack better, reversibly: calls and page addresses are rewritten from "so far from here" to
 * "there", so that every call of one function looks the same. Its instructions and limits are those of the ARM64
 * filter of XZ Utils (`src/liblzma/simple/arm64.c`, The .xz File Format section 5.3.2). Pure.
 */

/** Rewrites in place before packing, or back after unpacking. `position`: offset of `bytes` in the file, divisible by 4. */
function rewrite(bytes: Uint8Array, position: number, way: 'pack' | 'unpack'): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sign = way === 'pack' ? 1 : -1;
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    const instruction = view.getUint32(i, true);
    const here = position + i;
    if (instruction >>> 26 === 0x25) {
      // BL: 26 bits of distance in words (Arm ARM, C6.2 BL)
      view.setUint32(i, 0x9400_0000 | ((instruction + sign * (here >>> 2)) & 0x03ff_ffff), true);
    } else if ((instruction & 0x9f00_0000) >>> 0 === 0x9000_0000) {
      // ADRP: 21 bits of distance in pages, of which those within 512 MiB are taken (Arm ARM, C6.2 ADRP)
      const distance = ((instruction >>> 29) & 3) | ((instruction >>> 3) & 0x001f_fffc);
      if ((distance + 0x0002_0000) & 0x001c_0000) continue;
      const page = distance + sign * (here >>> 12);
      const bits = ((page & 3) << 29) | ((page & 0x0003_fffc) << 3) | (-(page & 0x0002_0000) & 0x00e0_0000);
      view.setUint32(i, (instruction & 0x9000_001f) | bits, true);
    }
  }
}

/** How a blob's bytes were rewritten before they were packed. */
export type BlobFilter = 'none' | 'arm64';

/** The bytes of a whole file, chunk by chunk, rewritten for packing or back. Chunks may be cut anywhere. */
export async function* filtered(
  chunks: AsyncIterable<Uint8Array>,
  filter: BlobFilter,
  way: 'pack' | 'unpack',
): AsyncGenerator<Uint8Array> {
  if (filter === 'none') {
    yield* chunks;
    return;
  }
  let position = 0;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.slice(whole);
    const out = bytes.subarray(0, whole);
    rewrite(out, position, way);
    position += whole;
    if (whole > 0) yield out;
  }
  if (rest.length > 0) yield rest;
}
