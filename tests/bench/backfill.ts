/**
 * How fast a laptop catches up with a full journal: the real daemon as a process that goes on sampling, Debian's
 * OpenSSH server on loopback, the engine's own link and archive. Beside it `scp` of the same readings as CSV from the
 * same server. `--readings N --channels C --rows R (in a batch) --sensors S (sampled meanwhile at 10 Hz)`.
 * Prints one JSON line.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { openArchive, type Archive } from '../../src/core/archive/archive.ts';
import { exportCsv } from '../../src/core/export/export-csv.ts';
import { startLink } from '../../src/core/link/link.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { noLog } from '../../src/shared/log.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';
import { fillJournal } from '../support/fill-journal.ts';
import { Lateness } from '../support/lateness.ts';
import { cpuSeconds, processesOf } from './process-tree.ts';
import { benchConfig } from '../support/sensor-config.ts';

const SAMPLED_MS = 100;
const PULL_BYTES = 8_388_608;
/** Of undisturbed sampling, before the laptop comes. */
const QUIET_MS = 4000;

/** Catches up with `device` and answers the seconds from the first packet to the last commit of the old run. */
async function backfill(
  prefix: TestPrefix,
  sshd: TestSshd,
  device: string,
  archive: Archive,
): Promise<number> {
  const from = performance.now();
  const caughtUp = Promise.withResolvers<number>();
  const link = startLink({
    device,
    archive,
    clock: realClock,
    log: (level, message, fields) =>
      level === 'warn' && process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
    async open() {
      const connection = await connectSsh({
        host: '127.0.0.1',
        port: sshd.port,
        login: { user: sshd.user, keyPath: sshd.keyPath },
        verify: () => null,
      });
      return connection.pipe(prefix.socket, 'false');
    },
    onState: ({ state }) => state === 'live' && caughtUp.resolve((performance.now() - from) / 1000),
    onHello() {},
    onNews() {},
    onReadings() {},
    onAhead() {},
  });
  const seconds = await caughtUp.promise;
  await link.stop();
  return seconds;
}

/** Lateness of the daemon's own readings, in µs, before and since `sinceMs` of its run. */
async function disturbance(prefix: TestPrefix, sinceMs: number, untilMs: number) {
  const client = await prefix.connect();
  const quiet = new Lateness(SAMPLED_MS);
  const busy = new Lateness(SAMPLED_MS);
  const { run } = await client.call.hello({ protocol: 1, client: 'bench', clientVersion: '0' });
  for (let after = { run, batch: 0 }; ;) {
    const { batches } = await client.call.pull({ after, maxBytes: PULL_BYTES, waitMs: 0 });
    const last = batches.at(-1);
    if (!last) break;
    for (const { data } of batches) {
      const rows = unpack(data);
      if (rows.baseMs >= sinceMs && rows.baseMs <= untilMs) busy.add(rows);
      else if (rows.baseMs < sinceMs && rows.baseMs > sinceMs - QUIET_MS) quiet.add(rows);
    }
    after = { run, batch: last.batch };
  }
  client.close();
  return { quiet: quiet.all(), busy: busy.all(), missed: quiet.missed + busy.missed };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const { values } = parseArgs({
  options: {
    readings: { type: 'string', default: '1000000' },
    channels: { type: 'string', default: '100' },
    rows: { type: 'string', default: '2000' },
    sensors: { type: 'string', default: '100' },
  },
});
const readings = Number(values.readings);
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const prefix = new TestPrefix();
const sshd = await startSshd();
try {
  mkdirSync(prefix.state, { recursive: true });
  await fillJournal(join(prefix.state, 'journal.db'), {
    readings,
    channels: Number(values.channels),
    rows: Number(values.rows),
    periodMs: 100,
  });
  prefix.config(benchConfig({ sensors: Number(values.sensors), periodMs: SAMPLED_MS, buses: 1 }));
  const daemon = await prefix.run();
  const archive = await openArchive(join(folder, 'archive.db'), { clock: realClock, log: noLog });
  const client = await prefix.connect();
  const hello = () => client.call.hello({ protocol: 1, client: 'bench', clientVersion: '0' });
  const { device } = await hello();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS + 1000));

  const load = round(loadavg()[0] as number);
  const begun = (await hello()).monotonicMs;
  const pids = processesOf(daemon.process.pid as number);
  const cpu = { daemon: cpuSeconds(pids), engine: process.cpuUsage() };
  const seconds = await backfill(prefix, sshd, device.id, archive);
  const ended = (await hello()).monotonicMs;
  const { user, system } = process.cpuUsage(cpu.engine);
  const daemonCpu = cpuSeconds(pids) - cpu.daemon;
  client.close();
  await archive.seal();
  const sampled = await disturbance(prefix, begun, ended);

  const old = (await archive.channels(device.id)).filter(({ driver }) => driver === 'sim');
  const choice = { devices: [device.id], channels: old.map(({ id }) => id), from: null, to: null };
  const held = await archive.audit(choice);
  if (held.readings !== readings || held.duplicates > 0)
    throw new Error(`the archive holds ${held.readings} readings, ${held.duplicates} twice`);
  const csv = await exportCsv({
    archive,
    choice,
    out: join(prefix.path, 'readings.csv'),
    zone: 'UTC',
    deviceName: () => 'Bench',
  });
  const from = performance.now();
  await promisify(execFile)('scp', [
    '-q',
    `-P${sshd.port}`,
    `-i${sshd.keyPath}`,
    '-F/dev/null',
    '-oStrictHostKeyChecking=no',
    `-oUserKnownHostsFile=${join(folder, 'known')}`,
    `${sshd.user}@127.0.0.1:${csv.path}`,
    join(folder, 'copied.csv'),
  ]);
  const scpSeconds = (performance.now() - from) / 1000;
  await archive.close();

  const result = {
    bench: 'backfill',
    readings,
    batches: Math.ceil(readings / Number(values.rows)),
    seconds: round(seconds),
    readings_per_s: Math.round(readings / seconds),
    engine_cpu_s: round((user + system) / 1e6),
    daemon_cpu_s: round(daemonCpu),
    csv_bytes: csv.bytes,
    scp_seconds: round(scpSeconds),
    scp_readings_per_s: Math.round(readings / scpSeconds),
    ratio_to_scp: round(scpSeconds / seconds),
    missed_readings: sampled.missed,
    late_us_p50_quiet: percentile(sampled.quiet, 0.5),
    late_us_p50_backfill: percentile(sampled.busy, 0.5),
    late_us_p99_quiet: percentile(sampled.quiet, 0.99),
    late_us_p99_backfill: percentile(sampled.busy, 0.99),
    load_average: load,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await sshd.stop();
  await prefix.remove();
  rmSync(folder, { recursive: true, force: true });
}
