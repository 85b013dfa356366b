import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill, LAST_BATCH, ROWS } from '../support/ingest-child.ts';
import { EVERYTHING, readingsOf, tempArchive, tempFolder } from '../support/temp-archive.ts';

const CHILD = new URL('../support/ingest-child.ts', import.meta.url).pathname;

/** Starts a filling process and kills it when it has told of `lines` deliveries, wherever it is then. */
async function fillAndKill(path: string, lines: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let seen = 0;
  child.stdout.on('data', (text: Buffer) => {
    seen += text.toString().split('\n').length - 1;
    if (seen >= lines) child.kill('SIGKILL');
  });
  await ended;
}

describe('an engine that is killed while it stores readings', () => {
  it('finds every reading once when it comes back, and so do two at the same time', async () => {
    const path = join(tempFolder(), 'archive.db');
    for (const lines of [1, 9, 4]) await fillAndKill(path, lines);
    await Promise.all([fillAndKill(path, 12), fillAndKill(path, 15)]);
    await fill(path);
    const archive = await tempArchive(path);
    await archive.seal();
    expect(archive.setAside).toBeNull();
    expect(await archive.cursor('d')).toEqual({ run: 1, batch: LAST_BATCH });
    expect(await archive.audit(EVERYTHING)).toEqual({
      channels: 2,
      readings: LAST_BATCH * ROWS,
      duplicates: 0,
      missingBatches: { trimmed: 0, unknown: 0 },
    });
    const [channel] = await archive.channels('d');
    const values = (await readingsOf(archive, { ...EVERYTHING, channels: [channel!.id] })).map(
      (r) => r.value,
    );
    expect(values).toEqual(Array.from({ length: (LAST_BATCH * ROWS) / 2 }, (_, i) => i * 2));
  }, 120_000);
});
