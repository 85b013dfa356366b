/**
 * What faults of drivers cost the others: sensors at 1 Hz on four buses, where on one a driver loops for ever, on one
 * a driver keeps 10 MB a second, on one a driver throws in every read, and one bus's host is killed every 2 s.
 * `--sensors N --seconds S`. Real processes; times of readings are those in the journal. Prints one JSON line.
 * Recovery: from the fault to the first reading of any neighbour on that bus, and to the last neighbour's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROTOCOL } from '../../src/shared/device-contract.ts';
import { readCellFile } from '../../device/host/cell.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { faultyBundle, faultyConfig, Readings, type FaultySensor } from '../support/faulty-process.ts';
import { cpuSeconds, processesOf, pssMib } from './process-tree.ts';

const PERIOD_MS = 1000;
const CALL_EVERY_MS = 20;
const KILL_EVERY_MS = 2000;
const SETTLE_MS = 5000;
const BUSES = { loops: 'loops', leaks: 'leaks', throws: 'throws', killed: null } as const;
type BusId = keyof typeof BUSES;
const IDS = Object.keys(BUSES) as BusId[];

const { values: flags } = parseArgs({
  options: { sensors: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '20' } },
});
process.stdout.write(
  `${JSON.stringify(await benchIsolation(Number(flags.sensors), Number(flags.seconds)))}\n`,
);

async function benchIsolation(sensors: number, seconds: number): Promise<Record<string, unknown>> {
  const prefix = new TestPrefix({}, faultyBundle);
  try {
    const note = join(prefix.path, 'note');
    prefix.config(faultyConfig(buses(sensors, note), '{ memoryMb: 120, retryMs: 3600000 }'));
    const daemon = await prefix.run();
    const root = daemon.process.pid ?? 0;
    const client = await prefix.connect();
    const calls: number[] = [];
    const kills: number[] = [];
    const leakKills: number[] = [];
    await pause(SETTLE_MS);
    /** Process id of a bus's host, 0 while there is none. */
    const hostOf = (bus: BusId) => readCellFile(join(prefix.path, `run/muster/hosts/${bus}.cell`)).pid;
    let leaking = hostOf('leaks');
    const from = deviceClock.monotonic();
    const cpuBefore = cpuSeconds(processesOf(root));
    const until = from + seconds * 1000;
    for (let killAt = from + KILL_EVERY_MS; deviceClock.monotonic() < until;) {
      await pause(CALL_EVERY_MS);
      const begun = performance.now();
      await client.call.hello({ protocol: PROTOCOL, client: 'bench', clientVersion: '0' });
      calls.push(performance.now() - begun);
      const leaks = hostOf('leaks');
      if (leaking !== 0 && leaks !== leaking) leakKills.push(deviceClock.monotonic());
      leaking = leaks;
      if (deviceClock.monotonic() < killAt || killAt > until - KILL_EVERY_MS) continue;
      killAt += KILL_EVERY_MS;
      const pid = hostOf('killed');
      if (pid === 0) continue;
      kills.push(deviceClock.monotonic());
      process.kill(pid, 'SIGKILL');
    }
    const cpu = cpuSeconds(processesOf(root)) - cpuBefore;
    const pss = pssMib(processesOf(root));
    await pause(500);
    const readings = new Readings(client);
    await readings.take();
    const { rows } = await client.call.tree({});
    client.close();
    daemon.process.kill('SIGTERM');
    await daemon.ended;

    const names = Map.groupBy(readings.times.keys(), (id) => id.split('.')[0] as BusId);
    const neighbours = (bus: BusId): number[][] =>
      (names.get(bus) ?? []).filter((id) => id !== `${bus}.faulty`).map((id) => readings.of(id));
    const loops = existsSync(note) ? readFileSync(note, 'utf8').trim().split('\n').map(Number) : [];
    return {
      bench: 'isolation',
      sensors,
      seconds,
      readings: [...readings.times.values()].reduce((sum, { length }) => sum + length, 0),
      missed: Object.fromEntries(IDS.map((bus) => [bus, missed(neighbours(bus), from, until)])),
      expected_per_bus: Math.round((sensors / IDS.length - 1) * seconds * (1000 / PERIOD_MS)),
      faults: { loops: loops.length, leaks: leakKills.length, kills: kills.length },
      recovery_first_ms: {
        loops: worst(loops, neighbours('loops'), 'first'),
        leaks: worst(leakKills, neighbours('leaks'), 'first'),
        killed: worst(kills, neighbours('killed'), 'first'),
      },
      recovery_all_ms: {
        loops: worst(loops, neighbours('loops'), 'all'),
        leaks: worst(leakKills, neighbours('leaks'), 'all'),
        killed: worst(kills, neighbours('killed'), 'all'),
      },
      left_out: rows.filter(({ state }) => state === 'gave-up').map(({ path }) => path),
      call_ms: { p50: percentile(calls, 0.5), p99: percentile(calls, 0.99) },
      cpu_percent: round((cpu / seconds) * 100),
      pss_mib: round(pss),
      load: loadavg().map(round),
    };
  } finally {
    await prefix.remove();
  }
}

function buses(sensors: number, note: string): Record<string, FaultySensor[]> {
  const each = Math.floor(sensors / IDS.length);
  return Object.fromEntries(
    IDS.map((bus): [string, FaultySensor[]] => {
      const driver = BUSES[bus];
      // the fault begins when all has come up
      const options = { afterMs: SETTLE_MS, ...(bus === 'loops' && { note }) };
      const faulty = driver === null ? [] : [{ id: `${bus}.faulty`, driver, periodMs: 100, options }];
      const well = Array.from({ length: each - faulty.length }, (_, n) => ({
        id: `${bus}.${n}`,
        driver: 'well',
        periodMs: PERIOD_MS,
      }));
      return [bus, [...faulty, ...well]];
    }),
  );
}

/** Readings that were due between `from` and `until` and are not there, all sensors together. */
function missed(sensors: readonly number[][], from: number, until: number): number {
  const due = Math.floor((until - from) / PERIOD_MS);
  return sensors.reduce((sum, times) => {
    const there = times.filter((at) => at >= from && at < from + due * PERIOD_MS).length;
    return sum + Math.max(0, due - there);
  }, 0);
}

/** Longest recovery, ms, over all faults. */
function worst(faults: readonly number[], sensors: readonly number[][], which: 'first' | 'all'): number {
  const recoveries = faults.map((fault, i) => {
    const back = sensors.map(
      (times) => (times.find((at) => at > fault + 1) ?? Number.POSITIVE_INFINITY) - fault,
    );
    const next = faults[i + 1] ?? Number.POSITIVE_INFINITY;
    // those that the next fault overtook have not come back from this one
    const here = back.filter((ms) => Number.isFinite(ms) && fault + ms < next);
    return which === 'first' ? Math.min(...back) : Math.max(...here);
  });
  return round(Math.max(0, ...recoveries));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
