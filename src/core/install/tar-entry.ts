/** Finds one file in a tar stream (POSIX ustar, IEEE Std 1003.1 pax "ustar interchange format"). */
import { MusterError } from '../../shared/errors.ts';

const BLOCK = 512;

/**
 * Yields the content of the regular file named `name` from the (unpacked) tar bytes of `archive`, then stops.
 * Throws BAD_INPUT when the archive ends before the file does, or holds no such file.
 */
export async function* tarEntry(archive: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  let buffered = Buffer.alloc(0);
  let skip = 0;
  let wanted = 0;
  let padding = 0;
  for await (const chunk of archive) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (wanted > 0) {
        const part = rest.subarray(0, wanted);
        wanted -= part.length;
        yield part;
        if (wanted === 0) return;
        rest = rest.subarray(part.length);
      } else if (skip > 0) {
        const step = Math.min(skip, rest.length);
        skip -= step;
        rest = rest.subarray(step);
      } else {
        const missing = BLOCK - buffered.length;
        buffered = Buffer.concat([buffered, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (buffered.length < BLOCK) break;
        const header = readHeader(buffered);
        buffered = Buffer.alloc(0);
        padding = (BLOCK - (header.size % BLOCK)) % BLOCK;
        if (header.file && header.name === name) {
          if (header.size === 0) return;
          wanted = header.size;
        } else skip = header.size + padding;
      }
    }
  }
  throw new MusterError('BAD_INPUT', wanted > 0 ? `${name} is cut short` : `no ${name} in the archive`, {
    name,
  });
}

/** Name at 0 (100), size at 124 (12, octal), type at 156, prefix at 345 (155). An end block reads as size 0. */
function readHeader(block: Buffer): { name: string; size: number; file: boolean } {
  const text = (at: number, length: number) => block.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const octal = text(124, 12).trim();
  if (!/^[0-7]*$/.test(octal)) throw new MusterError('BAD_INPUT', 'not a tar archive');
  const prefix = text(345, 155);
  const type = text(156, 1);
  return {
    name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100),
    size: octal === '' ? 0 : Number.parseInt(octal, 8),
    file: type === '' || type === '0',
  };
}
