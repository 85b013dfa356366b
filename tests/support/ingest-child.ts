/** A process that fills an archive with the batches of `endlessBatch` and seals as it goes, until it is killed. */
import { openArchive } from '../../src/core/archive/archive.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { runInfo, wireBatch } from './fake-device.ts';

export const LAST_BATCH = 600;
export const ROWS = 400;

/** Batch `number` of a device with two channels; every value tells its place. */
export function endlessBatch(number: number) {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const place = (number - 1) * ROWS + i;
    return { ms: place * 10, channel: i % 2, value: place };
  });
  return wireBatch(1, number, rows, number % 3 === 0);
}

/** Delivers up to `until`, a few batches at a time, from the committed cursor on. */
export async function fill(
  path: string,
  until = LAST_BATCH,
  told: (batch: number) => void = () => {},
): Promise<void> {
  const archive = await openArchive(path, { clock: realClock, log: noLog });
  const runs = [runInfo(1, { lastBatch: LAST_BATCH })];
  await archive.noteRuns('d', runs, 1);
  for (;;) {
    const after = await archive.cursor('d');
    const next = (after?.batch ?? 0) + 1;
    if (next > until) break;
    const count = Math.min(7, until - next + 1);
    const batches = Array.from({ length: count }, (_, i) => endlessBatch(next + i));
    await archive.ingest('d', { after, batches, trimmedTo: null, runs, takeStray: false });
    if (next % 5 === 0) await archive.seal();
    told(next);
  }
  await archive.close();
}

const path = process.argv[2];
if (import.meta.main && path !== undefined)
  await fill(path, LAST_BATCH, (batch) => process.stdout.write(`${batch}\n`));
