/** A short run on the real clock: a tree of actors, with a thread and a process as children. */
import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { type Actor, startActor } from '../../../device/otp/actor.ts';
import type { Child, ExitReason } from '../../../device/otp/child.ts';
import { startSupervisor } from '../../../device/otp/supervisor.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import type { Clock } from '../../../src/shared/time.ts';

const clock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

async function until(condition: () => boolean, what: string, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A thread that does nothing, as a child. */
function thread(): Child {
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  const exited = new Promise<ExitReason>((resolve) => {
    worker.once('exit', () => resolve({ kind: 'killed' }));
  });
  const end = (): void => void worker.terminate();
  return { exited, shutdown: end, kill: end };
}

/** A process that ignores being asked to end, as a child. */
function deafProcess(pids: number[]): Child {
  const process_ = spawn(process.execPath, [
    '-e',
    'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)',
  ]);
  if (process_.pid !== undefined) pids.push(process_.pid);
  const exited = new Promise<ExitReason>((resolve) => {
    process_.once('exit', (_code, signal) =>
      resolve(signal === 'SIGKILL' ? { kind: 'killed' } : { kind: 'normal' }),
    );
  });
  return { exited, shutdown: () => process_.kill('SIGTERM'), kill: () => process_.kill('SIGKILL') };
}

it('supervises actors, a thread and a process in real time, and leaves nothing behind', async () => {
  const ticker = new Ticker(clock);
  const pids: number[] = [];
  const ticks: number[] = [];
  const gauge = () =>
    startActor<string, number>(
      {
        everyMs: 20,
        onTick: () => void ticks.push(performance.now()),
        onMessage: (message) => {
          if (message === 'crash') throw new Error('told to');
          return ticks.length;
        },
      },
      ticker,
    );
  const root = await startSupervisor(
    {
      children: [
        { id: 'thread', start: thread },
        { id: 'process', start: () => deafProcess(pids), shutdown: 100 },
        {
          id: 'sensors',
          type: 'supervisor',
          start: (context) =>
            startSupervisor({ strategy: 'rest_for_one', children: [{ id: 'gauge', start: gauge }] }, context),
        },
      ],
    },
    { path: 'muster', clock },
  );
  await until(() => ticks.length >= 10, 'ten ticks');
  const spans = ticks.slice(1).map((at, i) => at - (ticks[i] as number));
  expect(spans.reduce((sum, span) => sum + span, 0) / spans.length).toBeGreaterThan(15);

  const before = root.find('sensors/gauge') as Actor<string, number>;
  const begun = performance.now();
  await expect(before.call('crash')).rejects.toThrow('told to');
  await until(() => root.find('sensors/gauge') !== before, 'another gauge');
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(await (root.find('sensors/gauge') as Actor<string, number>).call('count')).toBeGreaterThanOrEqual(
    10,
  );

  process.kill(pids[0] as number, 'SIGKILL');
  await until(() => pids.length === 2 && root.find('process') !== null, 'another process');
  expect(root.rows().find(({ path }) => path === 'muster/process')).toMatchObject({
    restarts: 1,
    lastCause: 'killed',
  });

  root.shutdown();
  expect(await root.exited).toEqual({ kind: 'shutdown' });
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
