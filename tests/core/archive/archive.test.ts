import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openArchive, type Archive } from '../../../src/core/archive/archive.ts';
import type { WireBatch } from '../../../src/shared/device-contract.ts';
import { noLog } from '../../../src/shared/log.ts';
import { compareCursors, type Cursor, type RunInfo } from '../../../src/shared/reading.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { channelInfo, runInfo, wireBatch, type Row } from '../../support/fake-device.ts';
import {
  EVERYTHING,
  readingsOf,
  tempArchive,
  tempFolder,
  type PlainReading,
} from '../../support/temp-archive.ts';

const CHANNELS = 3;

/** A journal: runs of batches of readings, times rising within a run. */
const journal = fc.array(
  fc.record({
    batches: fc.array(
      fc.array(
        fc.record({
          gap: fc.integer({ min: 1, max: 5000 }),
          channel: fc.integer({ min: 0, max: CHANNELS - 1 }),
          value: fc.oneof(
            fc.double({ noNaN: true }),
            fc.constant(Number.NaN),
            fc.integer().map((n) => n / 100),
          ),
          quality: fc.integer({ min: 0, max: 3 }),
        }),
        { maxLength: 12 },
      ),
      { minLength: 1, maxLength: 12 },
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function device(journal: { batches: Omit<Row & { gap: number }, 'ms'>[][] }[]) {
  const batches: WireBatch[] = [];
  const expected: (PlainReading & { index: number })[] = [];
  const runs = journal.map((run, r): RunInfo => {
    const info = runInfo(r + 1, {
      lastBatch: run.batches.length,
      current: r === journal.length - 1,
      channels: Array.from({ length: CHANNELS }, (_, i) => channelInfo(i)),
    });
    let ms = 0;
    for (const [b, list] of run.batches.entries()) {
      const rows = list.map((row): Row => {
        ms += row.gap;
        return { ms, channel: row.channel, value: row.value, quality: row.quality! };
      });
      batches.push(wireBatch(r + 1, b + 1, rows, b % 2 === 0));
      for (const row of rows) {
        const missing = row.quality === 3 || !Number.isFinite(row.value);
        expected.push({
          index: row.channel,
          channel: 0,
          t: info.offsetMs + row.ms,
          value: missing ? Number.NaN : row.value,
          quality: missing ? 3 : row.quality!,
        });
      }
    }
    return info;
  });
  return { runs, batches, expected };
}

/** What the archive should hold, by channel id and time. */
async function model(
  archive: Archive,
  expected: (PlainReading & { index: number })[],
): Promise<PlainReading[]> {
  const ids = new Map((await archive.channels('d')).map((c) => [c.sensor, c.id]));
  return expected
    .map(({ index, ...r }) => ({ ...r, channel: ids.get(`s${index}`)! }))
    .toSorted((a, b) => a.channel - b.channel || a.t - b.t);
}

describe('an archive', () => {
  it('holds what the journal held, whatever is cut, sent again or out of order, by two writers at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        journal,
        fc.array(
          fc.record({
            writer: fc.integer({ min: 0, max: 1 }),
            back: fc.integer({ min: 0, max: 5 }),
            take: fc.integer({ min: 1, max: 9 }),
            shuffle: fc.boolean(),
            seal: fc.boolean(),
            reopen: fc.boolean(),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (story, deliveries) => {
          const path = join(tempFolder(), 'archive.db');
          const open = () => openArchive(path, { clock: new FakeClock(), log: noLog });
          const writers = [await open(), await open()];
          const { runs, batches, expected } = device(story);
          for (const w of writers) await w.noteRuns('d', runs, runs.length);
          const end = {
            writer: 0,
            back: 0,
            take: batches.length,
            shuffle: false,
            seal: false,
            reopen: false,
          };
          for (const { writer, back, take, shuffle, seal, reopen } of [...deliveries, end]) {
            if (reopen) {
              await writers[writer]!.close();
              writers[writer] = await open();
            }
            const archive = writers[writer]!;
            const at = batches.findIndex((b) => !reached(cursors.get(path) ?? null, b));
            const from = Math.max(0, (at < 0 ? batches.length : at) - back);
            const part = batches.slice(from, from + take);
            const before = from === 0 ? null : place(batches[from - 1]!);
            const committed = await archive.ingest('d', {
              after: before,
              batches: shuffle ? part.toReversed() : part,
              trimmedTo: null,
              runs,
              takeStray: false,
            });
            expect(committed).toMatchObject({ resync: false, undeclared: null, setAside: 0, missing: [] });
            cursors.set(path, committed.cursor);
            if (seal) await Promise.all(writers.map((w) => w.seal()));
          }
          const [a, b] = writers as [Archive, Archive];
          const wanted = await model(a, expected);
          expect(await readingsOf(a)).toEqual(wanted);
          await Promise.all([a.seal(), b.seal()]);
          expect(await readingsOf(b)).toEqual(wanted);
          expect(await a.count(EVERYTHING)).toBe(wanted.length);
          await a.close();
          await b.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('takes nothing that was pulled after a place it has not reached', async () => {
    const archive = await tempArchive();
    const { runs, batches } = device([{ batches: [[], [], []] }]);
    await archive.noteRuns('d', runs, 1);
    const delivery = { trimmedTo: null, runs, takeStray: false };
    const ahead = { ...delivery, after: { run: 1, batch: 2 }, batches: batches.slice(2) };
    expect(await archive.ingest('d', ahead)).toMatchObject({ resync: true, cursor: null, accepted: 0 });
    await archive.ingest('d', { ...delivery, after: null, batches: batches.slice(0, 2) });
    expect(await archive.ingest('d', ahead)).toMatchObject({ resync: false, accepted: 1 });
  });

  it('writes down what was trimmed and what is missing without a word', async () => {
    const archive = await tempArchive();
    const rows = (ms: number): Row[] => [{ ms, channel: 0, value: 1 }];
    const runs = [runInfo(1, { firstBatch: 4, lastBatch: 9 }), runInfo(2, { lastBatch: 3 })];
    await archive.noteRuns('d', runs, 2);
    const delivery = { runs, takeStray: false };
    const first = {
      ...delivery,
      after: null,
      batches: [wireBatch(1, 4, rows(4000))],
      trimmedTo: { run: 1, batch: 3 },
    };
    expect((await archive.ingest('d', first)).missing).toEqual([
      { run: 1, first: 1, last: 3, reason: 'journal-trimmed' },
    ]);
    const holes = await archive.ingest('d', {
      ...delivery,
      after: { run: 1, batch: 4 },
      batches: [wireBatch(1, 7, rows(7000)), wireBatch(2, 2, rows(2000))],
      trimmedTo: { run: 1, batch: 5 },
    });
    expect(holes.missing).toEqual([
      { run: 1, first: 5, last: 5, reason: 'journal-trimmed' },
      { run: 1, first: 6, last: 6, reason: 'unknown' },
      { run: 1, first: 8, last: 9, reason: 'unknown' },
      { run: 2, first: 1, last: 1, reason: 'unknown' },
    ]);
    expect(await archive.audit(EVERYTHING)).toEqual({
      channels: 1,
      readings: 3,
      duplicates: 0,
      missingBatches: { trimmed: 4, unknown: 4 },
    });
  });

  it('puts a whole run right by one row', async () => {
    const archive = await tempArchive();
    const before = runInfo(1, { offsetMs: 0, clock: 'none', lastBatch: 1 });
    await archive.noteRuns('d', [before], 1);
    const batches = [wireBatch(1, 1, [{ ms: 1000, channel: 0, value: 1 }])];
    await archive.ingest('d', { after: null, batches, trimmedTo: null, runs: [before], takeStray: false });
    await archive.seal();
    expect((await readingsOf(archive))[0]!.t).toBe(1000);
    expect(await archive.askRunsFrom('d')).toBe(1);
    const noted = await archive.noteRuns('d', [{ ...before, offsetMs: 5e11, clock: 'laptop' }], 1);
    expect(noted.corrected).toEqual([1]);
    expect((await readingsOf(archive))[0]!.t).toBe(5e11 + 1000);
    expect(await archive.newest('d')).toBe(5e11 + 1000);
  });

  it('keeps what it has when a device begins its journal anew, and fetches the new one whole', async () => {
    const archive = await tempArchive();
    const deliver = async (runs: RunInfo[], current: number, value: number, run: number) => {
      const noted = await archive.noteRuns('d', runs, current);
      const batches = [wireBatch(run, 1, [{ ms: 1000, channel: 0, value }])];
      await archive.ingest('d', {
        after: await archive.cursor('d'),
        batches,
        trimmedTo: null,
        runs,
        takeStray: false,
      });
      return noted.restarted;
    };
    expect(await deliver([runInfo(5, { lastBatch: 1 })], 5, 1, 5)).toBe(false);
    expect(await deliver([runInfo(1, { lastBatch: 1 })], 1, 2, 1)).toBe(true);
    expect(await deliver([runInfo(1, { lastBatch: 1, bootId: 'another' })], 1, 3, 1)).toBe(true);
    expect((await readingsOf(archive)).map((r) => r.value).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  it('tells the last reading of every channel, sealed or not', async () => {
    const archive = await tempArchive();
    const { runs, batches } = device([
      {
        batches: [
          [
            { gap: 10, channel: 0, value: 1, quality: 0 },
            { gap: 10, channel: 1, value: 2, quality: 2 },
          ],
        ],
      },
      { batches: [[{ gap: 10, channel: 0, value: 5, quality: 3 }]] },
    ]);
    await archive.noteRuns('d', runs, 2);
    await archive.ingest('d', { after: null, batches, trimmedTo: null, runs, takeStray: false });
    const expected = [
      { at: runs[1]!.offsetMs + 10, value: Number.NaN, quality: 3 },
      { at: runs[0]!.offsetMs + 20, value: 2, quality: 2 },
      null,
    ];
    expect((await archive.channels('d')).map((c) => c.last)).toEqual(expected);
    await archive.seal();
    expect((await archive.channels(null)).map((c) => c.last)).toEqual(expected);
    expect(await archive.channels('other')).toEqual([]);
  });

  it('counts and bounds a choice by device, channel and time', async () => {
    const archive = await tempArchive();
    const rows = Array.from({ length: 100 }, (_, i): Row => ({ ms: i * 1000, channel: i % 2, value: i }));
    for (const name of ['a', 'b']) {
      const runs = [runInfo(1, { offsetMs: 0, lastBatch: 1 })];
      await archive.noteRuns(name, runs, 1);
      const batches = [wireBatch(1, 1, rows)];
      await archive.ingest(name, { after: null, batches, trimmedTo: null, runs, takeStray: false });
      if (name === 'a') await archive.seal();
    }
    const [first] = await archive.channels('b');
    expect(await archive.count(EVERYTHING)).toBe(200);
    expect(await archive.count({ ...EVERYTHING, devices: ['a'], from: 10_000, to: 19_000 })).toBe(10);
    const choice = { ...EVERYTHING, channels: [first!.id], from: 10_500 };
    expect(await archive.count(choice)).toBe(44);
    expect(await archive.extent(choice)).toEqual({ from: 12_000, to: 98_000 });
    expect(await archive.extent({ ...EVERYTHING, from: 1e6 })).toBeNull();
  });
});

const cursors = new Map<string, Cursor | null>();

function place({ run, batch }: WireBatch): Cursor {
  return { run, batch };
}

function reached(cursor: Cursor | null, batch: WireBatch): boolean {
  return cursor !== null && compareCursors(batch, cursor) <= 0;
}
