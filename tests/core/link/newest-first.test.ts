import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { socketPipe } from '../../../device/control/socket-pipe.ts';
import type { ReadingColumns } from '../../../src/core/archive/reading-columns.ts';
import { startLink } from '../../../src/core/link/link.ts';
import { NewestFirst, type Asking, type Behind } from '../../../src/core/link/newest-first.ts';
import { LiveFeed } from '../../../src/core/live/live-feed.ts';
import { realClock } from '../../../src/core/real-clock.ts';
import { noLog } from '../../../src/shared/log.ts';
import type { Pipe } from '../../../src/shared/pipe.ts';
import { TestPrefix } from '../../support/daemon-process.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { DEVICE_ID, runInfo, wireBatch } from '../../support/fake-device.ts';
import { fillJournal } from '../../support/fill-journal.ts';
import { benchConfig } from '../../support/sensor-config.ts';
import { tempArchive } from '../../support/temp-archive.ts';

/** A pipe over a line that carries so many bytes a second towards us, in order. */
function slowPipe(path: string, bytesPerS: number): Pipe {
  const socket = connect(path);
  const line = new Transform({
    readableHighWaterMark: 16_384,
    transform(chunk: Buffer, _, done) {
      setTimeout(() => done(null, chunk), (chunk.length * 1000) / bytesPerS);
    },
  });
  const pipe = socketPipe(socket);
  // what the socket brings goes through the line before the pipe sees it
  const listeners = socket.listeners('data') as ((bytes: Buffer) => void)[];
  socket.removeAllListeners('data');
  for (const listener of listeners) line.on('data', listener);
  socket.pipe(line);
  return pipe;
}

describe('newest first', () => {
  it('shows the last minutes of a million readings long before catching up ends, and doubles nothing', async () => {
    const READINGS = 1_000_000;
    const prefix = new TestPrefix();
    onTestFinished(() => prefix.remove());
    mkdirSync(prefix.state, { recursive: true });
    await fillJournal(join(prefix.state, 'journal.db'), {
      readings: READINGS,
      channels: 20,
      rows: 150,
      periodMs: 1000,
    });
    prefix.config(benchConfig({ sensors: 20, periodMs: 1000, buses: 1 }));
    await prefix.run();
    const client = await prefix.connect();
    const { device } = await client.call.hello({ protocol: 1, client: 'test', clientVersion: '0' });
    client.close();

    const archive = await tempArchive();
    const feed = new LiveFeed(realClock, 2 * READINGS);
    const live = Promise.withResolvers<void>();
    let shown: { newest: number; span: number; committed: number } | null = null;
    const link = startLink({
      device: device.id,
      archive,
      clock: realClock,
      log: noLog,
      open: async () => slowPipe(prefix.socket, 1_500_000),
      onState: ({ state }) => state === 'live' && live.resolve(),
      onHello() {},
      onNews() {},
      onReadings: (rows) => feed.push(rows),
      onAhead(rows) {
        feed.ahead(rows);
        if (!rows) return;
        const span = (rows.t.at(-1) ?? 0) - (rows.t[0] ?? 0);
        void archive.newest(device.id).then((committed) => {
          shown ??= { newest: rows.t.at(-1) ?? 0, span, committed: committed ?? 0 };
        });
      },
    });
    onTestFinished(() => link.stop());
    await live.promise;
    await link.stop();

    // what a technician saw first reached to the present while the archive was still hours before it
    const seen = shown as unknown as { newest: number; span: number; committed: number };
    expect(seen.newest - seen.committed).toBeGreaterThan(3_600_000);
    expect(seen.span).toBeGreaterThan(60_000);

    const channels = await archive.channels(device.id);
    const choice = { devices: [device.id], channels: channels.map(({ id }) => id), from: null, to: null };
    const audit = await archive.audit(choice);
    expect(audit).toMatchObject({ duplicates: 0, missingBatches: { trimmed: 0, unknown: 0 } });
    expect(audit.readings).toBeGreaterThanOrEqual(READINGS);
    // the live view got each of them once, in whatever order
    const { channel, t } = await feed.pull(0, 0);
    expect(t).toHaveLength(audit.readings);
    expect(new Set(Array.from(t, (at, i) => `${channel[i]} ${at}`)).size).toBe(audit.readings);
  }, 120_000);

  /** One that is told by hand; `committed` batches of 1000 with one reading each. */
  async function byHand(more: { ascending?: boolean } = {}) {
    const archive = await tempArchive();
    await archive.noteRuns(DEVICE_ID, [runInfo(1, { lastBatch: 1000 })], 1);
    const clock = new FakeClock();
    const told: (number[] | null)[] = [];
    const newest = new NewestFirst({
      device: DEVICE_ID,
      archive,
      clock,
      onAhead: (rows: ReadingColumns | null) => told.push(rows && [...rows.value]),
    });
    const questions: Parameters<Asking['pull']>[0][] = [];
    let committed = 0;
    let head = 1000;
    const where = (): Behind => ({
      cursor: committed > 0 ? { run: 1, batch: committed } : null,
      behind: head - committed,
    });
    const pull: Asking['pull'] = async (question) => {
      questions.push(question);
      const from = Math.max(question.after?.batch ?? 0, head - 3);
      const numbers = Array.from({ length: head - from }, (_, i) => head - i);
      const batches = numbers.map((n) => wireBatch(1, n, [{ ms: n * 1000, channel: 0, value: n }]));
      return { batches: more.ascending ? batches.toReversed() : batches, trimmedTo: null, head: null };
    };
    /** `to` is committed `ms` later. */
    async function step(ms: number, to: number, nowHead = head): Promise<void> {
      await clock.advance(ms);
      committed = to;
      head = nowHead;
      newest.progress(where, { pull, noteRuns: async () => {} });
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }
    return { clock, newest, questions, step, told };
  }

  it('does not ask where catching up is over soon', async () => {
    const { questions, step } = await byHand();
    await step(0, 1);
    for (let to = 200; to <= 1000; to += 200) await step(100, to);
    expect(questions).toEqual([]);
  });

  it('asks where it takes long, goes on with what is new since, and is done when all is committed', async () => {
    const { questions, step, told } = await byHand();
    await step(0, 1);
    await step(100, 2);
    expect(told).toEqual([[998, 999, 1000]]);
    await step(500, 3, 1001);
    expect(questions).toHaveLength(1);
    await step(500, 4, 1002);
    expect(told.at(-1)).toEqual([1001, 1002]);
    expect(questions[1]?.after).toEqual({ run: 1, batch: 1000 });
    await step(1000, 1002);
    expect(told.at(-1)).toBeNull();
  });

  it('leaves out of the committed readings those that were shown', async () => {
    const { newest, step } = await byHand();
    await step(0, 1);
    await step(100, 2);
    const value = Float64Array.from([996, 997, 998, 999, 1000, 1001]);
    const columns = { channel: new Uint32Array(6), t: value, value, quality: new Uint8Array(6) };
    const places = Array.from(value, (batch, i) => ({ run: 1, batch, end: i + 1 }));
    const [before, after, ...more] = newest.unseen({ ...columns, places });
    expect([...(before?.value ?? [])]).toEqual([996, 997]);
    expect([...(after?.value ?? [])]).toEqual([1001]);
    expect(more).toEqual([]);
  });

  it('asks a daemon that answers oldest first no more, and shows nothing of it', async () => {
    const { questions, step, told } = await byHand({ ascending: true });
    await step(0, 1);
    await step(100, 2);
    await step(2000, 3);
    expect(questions).toHaveLength(1);
    expect(told).toEqual([]);
  });
});
