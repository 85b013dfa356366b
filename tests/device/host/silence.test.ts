/** A silent host hangs, unless the machine gave it no time. */
import { expect, it } from 'vitest';
import { isStarved } from '../../../device/host/silence.ts';

it.each([
  ['burns the processor', { state: 'R', cpuMs: 390 }, 400, false],
  ['wants to run and may not', { state: 'R', cpuMs: 40 }, 400, true],
  ['got little, but enough to have given a sign', { state: 'R', cpuMs: 120 }, 1500, false],
  ['wants to run, may not, for very long', { state: 'R', cpuMs: 40 }, 2500, false],
  ['waits in the kernel', { state: 'D', cpuMs: 0 }, 400, false],
  ['was stopped', { state: 'T', cpuMs: 0 }, 400, false],
  ['is no process', null, 400, false],
])('one that %s', (_, facts, silentMs, starved) => {
  expect(isStarved(facts, 0, silentMs, 400)).toBe(starved);
});
