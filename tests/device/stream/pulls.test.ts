/** Pulls on a test's clock: waking, waiting, several at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Batcher } from '../../../device/journal/batcher.ts';
import { Intake } from '../../../device/journal/intake.ts';
import type { Journal } from '../../../device/journal/journal.ts';
import { openJournalStore } from '../../../device/journal/journal-store.ts';
import { Pulls } from '../../../device/stream/pulls.ts';
import { decodeBatch, isPacked } from '../../../src/shared/batch.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { noLog } from '../../../src/shared/log.ts';
import { zstdDecompressSync } from 'node:zlib';
import { FakeClock } from '../../support/fake-clock.ts';

let folder: string;
let clock: FakeClock;
let journal: Journal;
let away: boolean;
let intake: Intake;
let batcher: Batcher;
let pulls: Pulls;
const never = new AbortController().signal;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-pulls-'));
  clock = new FakeClock();
  journal = openJournalStore({ path: join(folder, 'journal.db'), maxBytes: 1 << 30 }).journal;
  away = false;
  const theJournal = () => {
    if (away) throw new MusterError('JOURNAL_FAILED', 'away', {});
    return journal;
  };
  intake = new Intake(() => batcher.seal());
  batcher = new Batcher({
    intake,
    journal: theJournal,
    clock,
    log: noLog,
    onFlushed: (head) => pulls.flushed(head),
  });
  pulls = new Pulls(theJournal, clock, () => void batcher.flush().catch(() => {}));
  batcher.begin(await journal.beginRun('boot', { offsetMs: 0, clock: 'none' }), 0);
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

const info = (sensor: string) => ({
  sensor,
  sensorName: sensor,
  driver: 'd',
  channel: 'c',
  quantity: 'load' as const,
  unit: '/',
  decimals: 1,
  periodMs: 1000,
});
const key = ({ run, batch }: { run: number; batch: number }) => `${run}.${batch}`;
const values = (data: Uint8Array) => [...decodeBatch(isPacked(data) ? zstdDecompressSync(data) : data).value];

describe('a pull', () => {
  it('is woken by the next flush', async () => {
    const waiting = pulls.pull({ after: null, maxBytes: 1000, waitMs: 30_000 }, never);
    await clock.advance(5000);
    intake.record(0, clock.monotonic(), 42, 0);
    await batcher.flush();
    const { batches, head } = await waiting;
    expect(batches.map(key)).toEqual(['1.1']);
    expect(head).toEqual({ run: 1, batch: 1 });
    expect(values(batches[0]?.data ?? new Uint8Array())).toEqual([42]);
  });

  it('comes back empty after its time, and when its client has gone', async () => {
    const waiting = pulls.pull({ after: null, maxBytes: 1000, waitMs: 3000 }, never);
    await clock.advance(2999);
    expect(pulls.watched).toBe(true);
    await clock.advance(2);
    expect(await waiting).toEqual({ batches: [], trimmedTo: null, head: null });
    const gone = new AbortController();
    const cut = pulls.pull({ after: null, maxBytes: 1000, waitMs: 30_000 }, gone.signal);
    await clock.advance(1);
    gone.abort();
    expect((await cut).batches).toEqual([]);
    expect(clock.pending).toBe(0);
    await clock.advance(6000);
    expect(pulls.watched).toBe(false);
  });

  it('flushes at once for the first who watches', async () => {
    intake.record(0, 0, 1, 0);
    const { batches } = await pulls.pull({ after: null, maxBytes: 1000, waitMs: 1000 }, never);
    expect(batches.map(key)).toEqual(['1.1']);
  });

  it('gives every client its own way through the journal', async () => {
    for (let n = 1; n <= 4; n++) {
      intake.record(0, n, n, 0);
      await batcher.flush();
    }
    const from = (batch: number) =>
      pulls.pull({ after: { run: 1, batch }, maxBytes: 100_000, waitMs: 0 }, never);
    const answers = await Promise.all([0, 3, 1].map(from));
    expect(answers.map(({ batches }) => batches.map(key))).toEqual([
      ['1.1', '1.2', '1.3', '1.4'],
      ['1.4'],
      ['1.2', '1.3', '1.4'],
    ]);
  });
});

describe('the batcher', () => {
  it('holds readings while the journal is away and loses none of them', async () => {
    const channel = intake.register(info('a'));
    away = true;
    for (let n = 1; n <= 3; n++) {
      intake.record(channel, n, n, 0);
      await expect(batcher.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    }
    away = false;
    await batcher.flush();
    const { batches } = await journal.read(null, 1_000_000);
    expect(batches.map(key)).toEqual(['1.1', '1.2', '1.3']);
    expect(batches.flatMap(({ data }) => values(data))).toEqual([1, 2, 3]);
    expect(await journal.channels(1, 0)).toEqual([{ index: 0, ...info('a') }]);
  });

  it('does not write a batch twice when the answer to its append was lost', async () => {
    intake.record(0, 1, 1, 0);
    const append = journal.append.bind(journal);
    journal.append = async (...args) => {
      await append(...args);
      throw new MusterError('JOURNAL_FAILED', 'the thread died after the commit', {});
    };
    await expect(batcher.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    journal.append = append;
    // as the journal's restart does it
    batcher.begin(1, await journal.lastBatch(1));
    intake.record(0, 2, 2, 0);
    await batcher.flush();
    const { batches } = await journal.read(null, 1_000_000);
    expect(batches.flatMap(({ data }) => values(data))).toEqual([1, 2]);
  });

  it('describes all channels again to a journal that was lost', async () => {
    const channel = intake.register(info('a'));
    intake.record(channel, 1, 1, 0);
    await batcher.flush();
    const run = await journal.beginRun('boot', { offsetMs: 0, clock: 'none' });
    batcher.begin(run, 0);
    intake.record(intake.register(info('b')), 2, 2, 0);
    await batcher.flush();
    expect((await journal.channels(run, 0)).map(({ index, sensor }) => [index, sensor])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  it('cuts a batch before its time column overflows', () => {
    intake.record(0, 0, 1, 0);
    intake.record(0, 3_600_001, 2, 0);
    intake.record(0, 3_600_000.5, 3, 0);
    const rest = intake.take();
    expect(decodeBatch(rest ?? new Uint8Array())).toMatchObject({
      baseMs: 3_600_001,
      deltaUs: Uint32Array.of(0, 0),
    });
  });
});

describe('a pull of the newest first', () => {
  it('goes from the head back to its cursor while batches are added, each once, and does not wait at the end', async () => {
    const channel = intake.register(info('a'));
    const record = async (value: number) => {
      intake.record(channel, value, value, 0);
      await batcher.flush();
    };
    for (let n = 1; n <= 6; n++) await record(n);
    const got: number[] = [];
    let before: { run: number; batch: number } | null = null;
    for (;;) {
      const pull = {
        after: { run: 1, batch: 2 },
        maxBytes: 1,
        waitMs: 20_000,
        order: 'newest' as const,
        before,
      };
      const { batches } = await pulls.pull(pull, never);
      const last = batches.at(-1);
      if (!last) break;
      got.push(...batches.map(({ batch }) => batch));
      before = { run: last.run, batch: last.batch };
      await record(100);
    }
    expect(got).toEqual([6, 5, 4, 3]);
  });
});
