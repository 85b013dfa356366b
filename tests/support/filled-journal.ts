/** A journal file with known content, for tests that break it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Journal } from '../../device/journal/journal.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import { encodeBatch } from '../../src/shared/batch.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';

export const BELIEF = { offsetMs: 1e12, clock: 'ntp' } as const;
export const LARGE = 1 << 30;

export function testChannel(index: number): ChannelInfo {
  return {
    index,
    sensor: `s${index}`,
    sensorName: 'S',
    driver: 'load',
    channel: 'c',
    quantity: 'load',
    unit: '/',
    decimals: 2,
    periodMs: 1000,
  };
}

/** A batch that says whose it is; noise, so that packing does not make it small. */
export function testBatch(run: number, batch: number, rows: number): Uint8Array {
  return encodeBatch({
    baseMs: batch * 250,
    value: Float64Array.from({ length: rows }, (_, i) => Math.sin(run * 1e6 + batch * 1e3 + i) * 1e3),
    deltaUs: Uint32Array.from({ length: rows }, (_, i) => i * 1000),
    channel: new Uint32Array(rows),
    quality: new Uint8Array(rows),
  });
}

export class FilledJournal {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-filled-'));
  readonly path = join(this.folder, 'journal.db');
  /** `run.batch` → its bytes as the journal gave them out when all was well. */
  readonly content = new Map<string, Uint8Array>();

  /** One that is filled, and its file as it was then. It goes with the test. */
  static async make(runs: number, batches: number): Promise<{ filled: FilledJournal; whole: Buffer }> {
    const filled = new FilledJournal();
    onTestFinished(() => filled.remove());
    await filled.fill(runs, batches);
    return { filled, whole: readFileSync(filled.path) };
  }

  /** Fills runs with batches of few rows and, now and then, many, so that some spill to pages of their own. */
  async fill(runs: number, batches: number): Promise<void> {
    const { journal } = openJournalStore({ path: this.path, maxBytes: LARGE });
    for (let run = 1; run <= runs; run++) {
      await journal.beginRun(`boot-${run}`, BELIEF);
      for (let batch = 1; batch <= batches; batch++)
        await journal.append(
          run,
          batch,
          testBatch(run, batch, batch % 10 === 0 ? 200 : 5),
          batch === 1 ? [testChannel(0), testChannel(1)] : [],
        );
    }
    for (const [key, data] of await contentOf(journal)) this.content.set(key, data);
    await journal.close();
  }

  open() {
    return openJournalStore({ path: this.path, maxBytes: LARGE });
  }

  /** Those of `content` that are not what was written. */
  changed(content: Map<string, Uint8Array>): string[] {
    return [...content].filter(([key, data]) => !isSame(data, this.content.get(key))).map(([key]) => key);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

/** All batches in the order in which the journal gives them. */
export async function contentOf(journal: Journal): Promise<Map<string, Uint8Array>> {
  const { batches } = await journal.read(null, 1 << 30);
  return new Map(batches.map(({ run, batch, data }) => [`${run}.${batch}`, data]));
}

/** Reads all, opening once more when the damage is found only then, as the daemon's tree does. */
export async function readWhatIsLeft(filled: FilledJournal) {
  let opened = filled.open();
  try {
    return { ...opened, content: await contentOf(opened.journal) };
  } catch (error) {
    if (!(error instanceof MusterError) || error.details['broken'] !== true) throw error;
    opened = filled.open();
    return { ...opened, content: await contentOf(opened.journal) };
  }
}
