import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, packCached, type Content } from '../../../src/core/firmware/bundle-content.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-cache-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const bytes = Buffer.from('the runtime '.repeat(10_000));
const content: Content = contentOf(bytes);
/** The same content, which says how often it was read. */
function counted() {
  const seen = { times: 0 };
  return {
    seen,
    content: {
      ...content,
      read() {
        seen.times++;
        return content.read();
      },
    },
  };
}

describe('packing through the cache', () => {
  it('packs once', async () => {
    const { seen, content: large } = counted();
    const first = await packCached(large, dir);
    const second = await packCached(large, dir);
    expect(seen.times).toBe(1);
    expect(zstdDecompressSync(first.bytes).equals(bytes)).toBe(true);
    expect(Buffer.from(second.bytes).equals(first.bytes)).toBe(true);
    expect(second.entry).toEqual(first.entry);
  });

  it('notices a damaged file in the cache and packs anew', async () => {
    const { seen, content: large } = counted();
    const first = await packCached(large, dir);
    const [name = ''] = readdirSync(dir);
    const cached = readFileSync(join(dir, name));
    cached[20] = (cached[20] ?? 0) ^ 1;
    writeFileSync(join(dir, name), cached);
    expect(Buffer.from((await packCached(large, dir)).bytes).equals(first.bytes)).toBe(true);
    expect(seen.times).toBe(2);
    expect(readdirSync(dir)).toEqual([name]);
  });

  it('stops when it is told to, and leaves nothing', async () => {
    const stop = new AbortController();
    const told: number[] = [];
    const slow: Content = {
      ...content,
      async *read() {
        yield bytes.subarray(0, 50_000);
        stop.abort();
        yield bytes.subarray(50_000);
      },
    };
    await expect(
      packCached(slow, dir, { signal: stop.signal, onProgress: (taken) => told.push(taken) }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(told[0]).toBe(50_000);
    expect(readdirSync(dir)).toEqual([]);
  });
});
