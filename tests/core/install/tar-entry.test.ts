import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { tarEntry } from '../../../src/core/install/tar-entry.ts';

async function* cut(bytes: Buffer, at: number[]) {
  let from = 0;
  for (const to of [...at].sort((a, b) => a - b).concat(bytes.length)) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function read(bytes: Buffer, name: string, at: number[] = []): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of tarEntry(cut(bytes, at), name)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function archive(size: number): { tar: Buffer; content: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
  try {
    const content = Buffer.alloc(size, 'abcdefg');
    mkdirSync(join(dir, 'package/bin'), { recursive: true });
    writeFileSync(join(dir, 'package/first'), 'x'.repeat(700));
    writeFileSync(join(dir, 'package/bin/node'), content);
    writeFileSync(join(dir, 'package/last'), 'y');
    execFileSync('tar', ['-cf', 't.tar', 'package/first', 'package/bin', 'package/last'], { cwd: dir });
    return { tar: readFileSync(join(dir, 't.tar')), content };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

it('finds the file however the stream is split', async () => {
  const { tar, content } = archive(1300);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(tar.length), { maxLength: 12 }), async (at) => {
      expect((await read(tar, 'package/bin/node', at)).equals(content)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('says when the file is missing, cut short, or this is no archive', async () => {
  const { tar } = archive(4000);
  await expect(read(tar, 'package/bin/other')).rejects.toThrow(/no package\/bin\/other/);
  await expect(read(tar.subarray(0, 4096), 'package/bin/node')).rejects.toThrow(/cut short/);
  await expect(read(Buffer.alloc(1024, 'z'), 'package/bin/node')).rejects.toThrow(/not a tar/);
});
