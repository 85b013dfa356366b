/**
 * What the daemon costs: N sensors through the real driver, bus, supervision and journal of the real bundle, as a
 * process with its hosts. `--sensors N --period MS --seconds S --buses B`; `--beam FILE` runs an Elixir script of
 * the same arguments in the same minute and prints the ratios to it. Prints one JSON line.
 *
 * A call is a control call of another process over the unix socket, and lateness is told by the readings in the
 * journal, so that nothing is measured inside the daemon. Only `restart_us` is: a host's sensors in this process. After
 * each call comes an `echo` between two bare processes: what of a call is the machine's.
 * The run folder is in memory, as it is on a device.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import { PROTOCOL } from '../../src/shared/device-contract.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { Lateness } from '../support/lateness.ts';
import { startEcho, type Echo } from './echo.ts';
import { cpuSeconds, processesOf, pssMib } from './process-tree.ts';
import { restartTimes } from './restart-times.ts';
import { benchConfig } from '../support/sensor-config.ts';

const PULL_BYTES = 8_388_608;
const CALL_EVERY_MS = 10;
/** A file system in memory on every Debian. */
const IN_MEMORY = '/dev/shm';

/** All that the journal holds after `after`: how many readings, and how late each was. */
async function readingsAfter(
  daemon: Client<DeviceContract>,
  after: Cursor | null,
  lateness: Lateness,
): Promise<{ readings: number; bytes: number; head: Cursor | null }> {
  let head = after;
  let readings = 0;
  let bytes = 0;
  for (;;) {
    const { batches } = await daemon.call.pull({ after: head, maxBytes: PULL_BYTES, waitMs: 0 });
    const last = batches.at(-1);
    if (!last) return { readings, bytes, head };
    for (const { data } of batches) {
      const rows = unpack(data);
      readings += rows.value.length;
      bytes += data.length;
      lateness.add(rows);
    }
    head = { run: last.run, batch: last.batch };
  }
}

async function callTimes(
  daemon: Client<DeviceContract>,
  echo: Echo,
  untilMs: number,
): Promise<{ calls: number[]; echoes: number[] }> {
  const calls: number[] = [];
  const echoes: number[] = [];
  while (performance.now() < untilMs) {
    await pause(CALL_EVERY_MS);
    const begun = performance.now();
    await daemon.call.hello({ protocol: PROTOCOL, client: 'bench', clientVersion: '0' });
    calls.push((performance.now() - begun) * 1000);
    echoes.push(await echo.time());
  }
  return { calls, echoes };
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

async function benchDaemon(sensors: number, periodMs: number, seconds: number, buses: number) {
  const prefix = new TestPrefix();
  const run = existsSync(IN_MEMORY) ? mkdtempSync(join(IN_MEMORY, 'muster-run-')) : null;
  if (run !== null) symlinkSync(run, join(prefix.path, 'run'));
  const echo = await startEcho(prefix.path);
  try {
    prefix.config(benchConfig({ sensors, periodMs, buses }));
    const begun = performance.now();
    const daemon = await prefix.run();
    const bootMs = performance.now() - begun;
    const client = await prefix.connect();
    const root = daemon.process.pid as number;
    await pause(periodMs + 2500);
    const lateness = new Lateness(periodMs);
    const before = await readingsAfter(client, null, lateness);
    lateness.clear();

    // the pull above counts as watching for five seconds: nobody watches while it is measured
    await pause(5000);
    const from = performance.now();
    const cpuBefore = cpuSeconds(processesOf(root));
    const { calls, echoes } = await callTimes(client, echo, from + seconds * 1000);
    const cpu = cpuSeconds(processesOf(root)) - cpuBefore;
    const elapsed = (performance.now() - from) / 1000;
    const processes = processesOf(root);
    const pss = pssMib(processes);
    const { readings, bytes } = await readingsAfter(client, before.head, lateness);
    // of the whole time since the last look, the measured part
    const perSecond = readings / lateness.spanS;
    const measured = perSecond * elapsed;
    const late = lateness.all();
    client.close();
    daemon.process.kill('SIGTERM');
    await daemon.ended;
    return {
      system: 'muster',
      sensors,
      period_ms: periodMs,
      buses,
      boot_ms: round(bootMs),
      readings_per_s: round(perSecond),
      expected_per_s: round((sensors * 1000) / periodMs),
      cpu_s_per_million: round((cpu / measured) * 1e6),
      cpu_percent: round((cpu / elapsed) * 100),
      pss_mib: round(pss),
      processes: processes.length,
      journal_bytes_per_reading: round(bytes / readings),
      missed_readings: lateness.missed,
      tick_late_us_p50: percentile(late, 0.5),
      tick_late_us_p99: percentile(late, 0.99),
      call_us_p50: percentile(calls, 0.5),
      call_us_p99: percentile(calls, 0.99),
      call_us_max: percentile(calls, 1),
      echo_us_p50: percentile(echoes, 0.5),
      echo_us_p99: percentile(echoes, 0.99),
    };
  } finally {
    await echo.stop();
    await prefix.remove();
    if (run !== null) rmSync(run, { recursive: true, force: true });
  }
}

interface Peer {
  cpu_s_per_million: number;
  rss_mib: number;
  call_us_p99: number;
  restart_us_p99: number;
}

/** A peer that has not ended by then, beyond its measured seconds, drowns in a busy machine. */
const PEER_MS = 60_000;

/** Runs the peer's script with the same arguments and takes over the line it prints; null when it does not end well. */
function runPeer(file: string, args: [sensors: number, period: number, seconds: number]): Peer | null {
  const limits = { encoding: 'utf8', timeout: args[2] * 1000 + PEER_MS, killSignal: 'SIGKILL' } as const;
  try {
    return JSON.parse(execFileSync('elixir', [file, ...args.map(String)], limits)) as Peer;
  } catch (error) {
    process.stderr.write(`no figures of the peer: ${String(error)}\n`);
    return null;
  }
}

const { values } = parseArgs({
  options: {
    sensors: { type: 'string', default: '1000' },
    period: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    buses: { type: 'string', default: '1' },
    beam: { type: 'string' },
  },
});
const [sensors, period, seconds, buses] = [values.sensors, values.period, values.seconds, values.buses].map(
  Number,
) as [number, number, number, number];
const load = round(loadavg()[0] as number);
const own = await benchDaemon(sensors, period, seconds, buses);
const restarts = await restartTimes(sensors, period);
const restart = {
  restart_us_p50: percentile(restarts, 0.5),
  restart_us_p99: percentile(restarts, 0.99),
};
const peer = values.beam ? runPeer(values.beam, [sensors, period, seconds]) : null;
const ratios = peer && {
  cpu: round(own.cpu_s_per_million / peer.cpu_s_per_million),
  memory: round(own.pss_mib / peer.rss_mib),
  call_p99: round(own.call_us_p99 / peer.call_us_p99),
  restart_p99: round(restart.restart_us_p99 / peer.restart_us_p99),
};
process.stdout.write(
  `${JSON.stringify({ bench: 'daemon', ...own, ...restart, load_average: load, ...(peer && { peer, ratios }) })}\n`,
);
