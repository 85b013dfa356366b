/**
 * Measures the journal: what a day of 20 readings a second costs a card while somebody watches (a batch every 250 ms)
 * and while nobody does (2 s and 5 s), how long an append takes, bytes a reading, memory.
 * `npm run -s bench -- journal [--appends 4000] [--folder DIR]`; prints one line of JSON. Put the folder on the medium
 * that is meant. Writes are the kernel's count of this process (write_bytes of proc(5)), an append's share times the
 * appends of a day: it is the same whether they come at once or over a day, since each is synced by itself.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startJournalThread } from '../../device/journal/journal-thread.ts';
import { encodeBatch } from '../../src/shared/batch.ts';

const { values } = parseArgs({
  options: { appends: { type: 'string', default: '4000' }, folder: { type: 'string', default: tmpdir() } },
});
const APPENDS = Number(values.appends);
const SENSORS = 20;
const DAY_S = 86_400;

function number(file: string, line: RegExp): number {
  return Number(line.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
}
const written = () => number('/proc/self/io', /^write_bytes: (\d+)$/m);
const pssMiB = () => number('/proc/self/smaps_rollup', /^Pss: +(\d+) kB$/m) / 1024;

/** One reading a second of each sensor: temperatures of two decimals, at moments that are never quite even. */
function batchOf(fromS: number, seconds: number): { data: Uint8Array; rows: number } {
  const rows = Math.round(SENSORS * seconds);
  const at = (i: number) => fromS + i / SENSORS;
  return {
    rows,
    data: encodeBatch({
      baseMs: fromS * 1000,
      value: Float64Array.from(
        { length: rows },
        (_, i) => Math.round((20 + (i % SENSORS) + Math.sin(at(i) / 600) + Math.random() / 5) * 100) / 100,
      ),
      deltaUs: Uint32Array.from({ length: rows }, (_, i) =>
        Math.round((at(i) - fromS) * 1e6 + Math.random() * 900),
      ),
      channel: Uint32Array.from({ length: rows }, (_, i) => i % SENSORS),
      quality: new Uint8Array(rows),
    }),
  };
}

const round = (n: number, digits: number) => Number(n.toFixed(digits));

async function measure(everyS: number) {
  const folder = mkdtempSync(join(values.folder, 'muster-bench-'));
  const path = join(folder, 'journal.db');
  try {
    const entry = new URL('../../device/main.ts', import.meta.url);
    const { journal, exited } = await startJournalThread(entry, { path, maxBytes: 2 ** 30 });
    const run = await journal.beginRun('boot', { offsetMs: 0, clock: 'none' });
    const before = written();
    const times: number[] = [];
    let readings = 0;
    for (let batch = 1; batch <= APPENDS; batch++) {
      const { data, rows } = batchOf(batch * everyS, everyS);
      readings += rows;
      const from = performance.now();
      await journal.append(run, batch, data, []);
      times.push(performance.now() - from);
    }
    const perAppend = (written() - before) / APPENDS;
    const { bytes } = await journal.figures();
    await journal.close();
    await exited;
    times.sort((a, b) => a - b);
    return {
      writtenPerAppend: Math.round(perAppend),
      writtenMBPerDay: Math.round((perAppend * DAY_S) / everyS / 1e6),
      bytesPerReading: round(bytes / readings, 1),
      fileBytesPerReading: round(statSync(path).size / readings, 1),
      appendMs: {
        p50: round(times[times.length >> 1] ?? 0, 2),
        p99: round(times[Math.floor(times.length * 0.99)] ?? 0, 2),
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const result = {
  bench: 'journal',
  readingsPerS: SENSORS,
  appends: APPENDS,
  watched250ms: await measure(0.25),
  idle2s: await measure(2),
  idle5s: await measure(5),
  pss_mib: round(pssMiB(), 1),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
