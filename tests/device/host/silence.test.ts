/** A silent host hangs, unless the machine gave it no time, or no driver runs in it and it is only slow. */
import { expect, it } from 'vitest';
import { isBorne } from '../../../device/host/silence.ts';

const ALLOWANCE_MS = 400;

it.each([
  ['within its allowance', { state: 'R', cpuMs: 390 }, 399, true],
  ['burns the processor', { state: 'R', cpuMs: 390 }, 400, false],
  ['wants to run and may not', { state: 'R', cpuMs: 40 }, 400, true],
  ['got little, but enough to have given a sign', { state: 'R', cpuMs: 120 }, 1500, false],
  ['wants to run, may not, for very long', { state: 'R', cpuMs: 40 }, 2500, false],
  ['waits in the kernel', { state: 'D', cpuMs: 0 }, 400, false],
  ['was stopped', { state: 'T', cpuMs: 0 }, 400, false],
  ['is no process', null, 400, false],
])('one whose driver runs and that %s', (_, facts, silentMs, borne) => {
  expect(isBorne({ silentMs, allowanceMs: ALLOWANCE_MS, running: 3, facts, cpuMs: 0 })).toBe(borne);
});

it.each([
  // as seen on an emulated machine that set up a bus
  ['computes', { state: 'R', cpuMs: 6500 }, 410, true],
  ['waits for a slow card', { state: 'D', cpuMs: 0 }, 2400, true],
  ['computes for too long', { state: 'R', cpuMs: 6500 }, 2500, false],
  ['was stopped', { state: 'T', cpuMs: 0 }, 400, false],
  ['is gone', null, 400, false],
])('one in which no driver runs and that %s', (_, facts, silentMs, borne) => {
  expect(isBorne({ silentMs, allowanceMs: ALLOWANCE_MS, running: 0, facts, cpuMs: 0 })).toBe(borne);
});

it('one with a longer allowance keeps it, whether a driver runs or not', () => {
  const facts = { state: 'R', cpuMs: 9000 };
  for (const running of [0, 1]) {
    expect(isBorne({ silentMs: 29_999, allowanceMs: 30_000, running, facts, cpuMs: 0 })).toBe(true);
    expect(isBorne({ silentMs: 30_000, allowanceMs: 30_000, running, facts, cpuMs: 0 })).toBe(false);
  }
});
