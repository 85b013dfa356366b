import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { memoryCell, readMemoryCell, sharedCell } from '../../../device/host/cell.ts';
import { ownThread, threadFacts } from '../../../device/platform/process-facts.ts';

const FACTS = new URL('../../../device/platform/process-facts.ts', import.meta.url).href;
const CELL = new URL('../../../device/host/cell.ts', import.meta.url).href;

/** A thread that writes its cell as a host does and goes on with `work`. */
function thread(work: string): SharedArrayBuffer {
  const cell = sharedCell();
  const program = `
    const { workerData } = require('node:worker_threads');
    Promise.all([import('${FACTS}'), import('${CELL}')]).then(([{ ownThread }, { memoryCell }]) => {
      memoryCell(workerData, ownThread()).write(7);
      ${work}
    });`;
  const worker = new Worker(program, { eval: true, workerData: cell });
  onTestFinished(() => void worker.terminate());
  return cell;
}

it('tells a thread that burns the processor from one that waits, and each from the rest of its process', async () => {
  const busy = thread('for (;;);');
  const idle = thread('setInterval(() => {}, 1000);');
  const both = () => [busy, idle].map((cell) => readMemoryCell(cell));
  await expect.poll(() => both().map(({ sensor }) => sensor), { timeout: 10_000 }).toEqual([7, 7]);
  const [one, other] = both().map(({ thread: id }) => id);
  expect(new Set([one, other, ownThread()]).size).toBe(3);
  await expect.poll(() => threadFacts(other ?? 0)?.state, { timeout: 10_000 }).toBe('S');
  const before = threadFacts(other ?? 0)?.cpuMs ?? 0;
  const start = threadFacts(one ?? 0)?.cpuMs ?? 0;
  await expect
    .poll(() => (threadFacts(one ?? 0)?.cpuMs ?? 0) - start, { timeout: 10_000 })
    .toBeGreaterThan(100);
  expect(threadFacts(one ?? 0)?.state).toBe('R');
  expect((threadFacts(other ?? 0)?.cpuMs ?? 0) - before).toBeLessThan(50);
});

it('knows nothing of a thread that is none, and of a cell that nobody has written', () => {
  expect(threadFacts(0)).toBeNull();
  expect(readMemoryCell(sharedCell())).toEqual({ sensor: 0, thread: 0 });
  const cell = sharedCell();
  memoryCell(cell, 42).write(3);
  expect(readMemoryCell(cell)).toEqual({ sensor: 3, thread: 42 });
});
