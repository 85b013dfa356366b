/**
 * SIGKILL of the daemon, and before it of its journal thread, at seeded moments, again and again (MUSTER_ROUNDS; 200 is
 * the long run). Each chip makes a known sequence of values, so every reading is compared with what its chip produced:
 * none is missing but at the end of a run, none is there twice, none out of order; and the end that is missing is no
 * longer than the daemon said it may be.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { decodeTemperature } from '../../device/drivers/tmp102/decode.ts';
import { pathsOf } from '../../device/platform/paths.ts';
import { simTmp102 } from '../../device/sim/chips/tmp102.ts';
import { PROTOCOL } from '../../src/shared/device-contract.ts';
import { compareCursors, type Cursor } from '../../src/shared/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { until } from '../support/until.ts';

const ROUNDS = Number(process.env['MUSTER_ROUNDS'] ?? 10);
const SENSORS = 8;
const NOISE = { mean: 20, swing: 0, noise: 5, periodS: 86_400 };
/** Four of a kind on each of two buses. */
const busOf = (i: number) => `i2c-${1 + (i >> 2)}`;
const chipOf = (i: number) => ({
  chip: 'tmp102',
  address: 0x48 + (i & 3),
  seed: 100 + i,
  temperature: NOISE,
});
const EACH = Array.from({ length: SENSORS }, (_, i) => i);
const CONFIG = JSON.stringify({
  version: 1,
  announce: { by: 'none' },
  hosts: { mode: 'inline' },
  journal: { flushMs: 40, idleFlushMs: 200 },
  buses: ['i2c-1', 'i2c-2'].map((id) => ({
    id,
    kind: 'sim',
    chips: EACH.filter((i) => busOf(i) === id).map(chipOf),
  })),
  sensors: EACH.map((i) => ({
    id: `s${i}`,
    driver: 'tmp102',
    bus: busOf(i),
    address: chipOf(i).address,
    periodMs: 10,
  })),
});
/** A busy machine may take no reading for so long. */
const STALL_MS = 1500;

/** The first `n` values that a chip of this configuration gives. */
function produced(i: number, n: number): number[] {
  const chip = simTmp102(chipOf(i), new FakeClock());
  chip.write(Uint8Array.of(0));
  return Array.from({ length: n }, () => decodeTemperature(chip.read(2)));
}

const prefix = new TestPrefix();
afterEach(() => prefix.remove());

/** Starts the daemon and waits until it serves. */
async function start() {
  // deaths that soon after one another would bring it into safe mode, without sensors
  rmSync(pathsOf(prefix.path).life, { force: true });
  const child = spawn(
    process.execPath,
    [new URL('../support/killable-daemon.ts', import.meta.url).pathname],
    {
      env: { MUSTER_PREFIX: prefix.path, PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`the daemon ended: ${said}`);
      return said.includes(' info running ');
    },
    'the daemon',
    30_000,
  );
  return { child, ended, said: () => said };
}

it(`loses only what was unflushed, in ${ROUNDS} rounds`, { timeout: 20_000 + ROUNDS * 8000 }, async () => {
  prefix.config(CONFIG);
  let seed = 20_261_122;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  /** Last batch of each run that a client was given, and the time up to which nothing may be missing. */
  const given = new Map<number, { cursor: Cursor; promisedMs: number }>();
  let threadKills = 0;

  for (let round = 1; round <= ROUNDS; round++) {
    const daemon = await start();
    try {
      const client = await prefix.connect();
      const hello = await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
      const helloAt = performance.now();
      const deviceNow = () => hello.monotonicMs + performance.now() - helloAt;
      const kills = [...Array(Math.floor(random() * 3)).keys()]
        .map(() => random() * 500)
        .toSorted((a, b) => a - b);
      const end = performance.now() + 30 + random() * 1200;
      let cursor: Cursor = { run: hello.run, batch: 0 };
      let promisedMs = 0;
      while (performance.now() < end) {
        const nextKill = kills[0];
        if (nextKill !== undefined && performance.now() > end - nextKill) {
          kills.shift();
          threadKills++;
          daemon.child.kill('SIGUSR2');
        }
        // between the death of the thread and its restart nobody answers
        const asked = deviceNow();
        const status = await client.call.status({}).catch(() => null);
        if (status) promisedMs = asked - (status.journal.mayLoseMs ?? 0);
        const pulled = await client.call
          .pull({ after: cursor, maxBytes: 65_536, waitMs: 30 })
          .catch(() => ({ batches: [] }));
        cursor = pulled.batches.at(-1) ?? cursor;
      }
      daemon.child.kill('SIGKILL');
      await daemon.ended;
      client.close();
      given.set(hello.run, { cursor: { run: cursor.run, batch: cursor.batch }, promisedMs });
    } finally {
      daemon.child.kill('SIGKILL');
      await daemon.ended;
    }
  }

  const last = await start();
  const client = await prefix.connect();
  const { runs } = await client.call.runs({ from: 1 });
  expect(runs.map(({ run }) => run)).toEqual(Array.from({ length: ROUNDS + 1 }, (_, i) => i + 1));
  let compared = 0;
  let after: Cursor | null = null;
  const values = new Map<string, number[]>();
  const lastAt = new Map<number, number>();
  for (;;) {
    const { batches } = await client.call.pull({ after, maxBytes: 4_000_000, waitMs: 0 });
    const old = batches.filter(({ run }) => run <= ROUNDS);
    for (const { run, batch, data } of old) {
      expect([run, batch]).toEqual([run, after?.run === run ? after.batch + 1 : 1]);
      after = { run, batch };
      const columns = unpack(data);
      const sensors = runs[run - 1]?.channels.map(({ sensor }) => sensor) ?? [];
      for (const [row, value] of columns.value.entries()) {
        const key = `${run} ${sensors[columns.channel[row] ?? -1]}`;
        const sequence = values.get(key) ?? [];
        sequence.push(value);
        values.set(key, sequence);
      }
      lastAt.set(run, columns.baseMs + (columns.deltaUs.at(-1) ?? 0) / 1000);
    }
    if (old.length === 0) break;
  }
  for (const [key, sequence] of values) {
    const sensor = Number(key.split(' s')[1]);
    expect([key, sequence]).toEqual([key, produced(sensor, sequence.length)]);
    compared += sequence.length;
  }
  const broken = [...given].filter(([run, { cursor, promisedMs }]) => {
    const held = { run, batch: runs[run - 1]?.lastBatch ?? 0 };
    if (compareCursors(held, cursor) < 0) return true;
    // before a run's first reading there is nothing to lose
    return cursor.batch > 0 && (lastAt.get(run) ?? 0) < promisedMs - STALL_MS;
  });
  expect(broken).toEqual([]);
  client.close();
  last.child.kill('SIGKILL');
  await last.ended;
  expect(threadKills).toBeGreaterThan(ROUNDS / 3);
  expect(compared).toBeGreaterThan(ROUNDS * SENSORS * 5);
  if (process.env['MUSTER_ROUNDS'])
    process.stderr.write(`${ROUNDS} rounds, ${threadKills} threads killed, ${compared} readings compared\n`);
});
