/**
 * What supervision costs: 10,000 supervised actors at 1 Hz in one process, with calls and crashes meanwhile.
 * Run with `node tests/bench/otp.ts [seconds] [actors]`; prints one JSON line.
 */
import { Worker, MessageChannel } from 'node:worker_threads';
import { type Actor, startActor } from '../../device/otp/actor.ts';
import { startSupervisor, type Supervisor } from '../../device/otp/supervisor.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import type { Clock } from '../../src/shared/time.ts';

const clock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** Asks over a message port, one question after the other, and keeps the round-trip times: a caller outside the loop. */
const CALLER = `
  const { workerData: { port, count, pauseMs } } = require('node:worker_threads');
  const times = [];
  let begun = 0;
  const ask = () => { begun = performance.now(); port.postMessage(null); };
  port.on('message', () => {
    times.push(performance.now() - begun);
    if (times.length < count) return void setTimeout(ask, pauseMs);
    port.postMessage(times);
    port.close();
  });
  ask();
`;

export interface OtpResult {
  actors: number;
  seconds: number;
  ticks: number;
  /** Whole process, timers and garbage collection included, without the start. */
  cpuSecondsPerMillionTicks: number;
  /** A call within the process, ms. */
  call: Percentiles;
  /** A call by another thread, through the event loop, ms. */
  callAcrossThreads: Percentiles;
  /** From the throw in a tick to the first line of the replacement's start, ms. */
  restart: Percentiles;
  /** Added by the actors and their supervisor. */
  rssBytesPerActor: number;
}

interface Percentiles {
  p50: number;
  p99: number;
}

/** Runs the benchmark and prints its line. The CPU is measured first, in quiet; then calls and crashes, with all actors ticking. */
export async function benchOtp(seconds = 10, actors = 10_000): Promise<OtpResult> {
  const rssBefore = process.memoryUsage().rss;
  const ticker = new Ticker(clock);
  let ticks = 0;
  const crashing = new Map<number, number>();
  const restarts: number[] = [];
  const children = Array.from({ length: actors }, (_, i) => ({
    id: `sensor-${i}`,
    start: () => {
      const crashedAt = crashing.get(i);
      if (crashedAt !== undefined) {
        restarts.push(performance.now() - crashedAt);
        crashing.delete(i);
      }
      let value = 0;
      return startActor<'read' | 'crash', number>(
        {
          everyMs: 1000,
          firstMs: (i * 1000) / actors,
          onTick: () => {
            value = Math.sin(ticks++);
          },
          onMessage: (message) => {
            if (message === 'read') return value;
            crashing.set(i, performance.now());
            throw new Error('crash for the benchmark');
          },
        },
        ticker,
      );
    },
  }));
  const supervisor = await startSupervisor({ intensity: 1_000_000, periodMs: 1000, children }, { clock });
  await pause(1500);
  const rssBytesPerActor = Math.round((process.memoryUsage().rss - rssBefore) / actors);

  const ticksBefore = ticks;
  const cpuBefore = process.cpuUsage();
  await pause(seconds * 1000);
  const cpu = process.cpuUsage(cpuBefore);
  const measured = ticks - ticksBefore;

  const result: OtpResult = {
    actors,
    seconds,
    ticks: measured,
    cpuSecondsPerMillionTicks: round((cpu.user + cpu.system) / measured),
    call: percentiles(await callTimes(supervisor, actors)),
    callAcrossThreads: percentiles(await callTimesAcross(supervisor, actors)),
    restart: percentiles(await crash(supervisor, actors, restarts)),
    rssBytesPerActor,
  };
  supervisor.shutdown();
  await supervisor.exited;
  process.stdout.write(`${JSON.stringify({ bench: 'otp', ...result })}\n`);
  return result;
}

function sensor(supervisor: Supervisor, n: number): Actor<'read' | 'crash', number> {
  return supervisor.find(`sensor-${n}`) as Actor<'read' | 'crash', number>;
}

async function callTimes(supervisor: Supervisor, actors: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const begun = performance.now();
    await sensor(supervisor, (i * 7919) % actors).call('read');
    times.push(performance.now() - begun);
    if (i % 10 === 0) await pause(1);
  }
  return times;
}

async function callTimesAcross(supervisor: Supervisor, actors: number): Promise<number[]> {
  const { port1, port2 } = new MessageChannel();
  const workerData = { port: port2, count: 2000, pauseMs: 1 };
  const worker = new Worker(CALLER, { eval: true, workerData, transferList: [port2] });
  let n = 0;
  const times = await new Promise<number[]>((resolve) => {
    port1.on('message', (message: number[] | null) => {
      if (message) return resolve(message);
      const reply = sensor(supervisor, (n++ * 7919) % actors).call('read');
      void reply.then((value) => port1.postMessage(value));
    });
  });
  port1.close();
  await worker.terminate();
  return times;
}

async function crash(supervisor: Supervisor, actors: number, restarts: number[]): Promise<number[]> {
  for (let i = 0; i < 2000; i++) {
    await sensor(supervisor, (i * 7919) % actors)
      .call('crash')
      .catch(() => {});
    if (i % 10 === 0) await pause(1);
  }
  await pause(100);
  return restarts;
}

function percentiles(times: number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99) };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const [seconds, actors] = process.argv.slice(2).map(Number);
  await benchOtp(seconds, actors);
}
