import { expect, it } from 'vitest';
import { StepList } from '../../../src/core/install/step-list.ts';
import type { Step } from '../../../src/shared/engine-contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const plan = ['send', 'place'].map((id) => ({ id, title: id, detail: '' }));

it('shows one running step, done ones before it, and where it failed', () => {
  const told: Step[][] = [];
  const list = new StepList(plan, new FakeClock(), (steps) => told.push(steps));
  list.begin('send');
  list.begin('not in the plan');
  list.begin('place');
  list.end('failed');
  expect(told.map((steps) => steps.map((step) => step.state))).toEqual([
    ['waiting', 'waiting'],
    ['running', 'waiting'],
    ['done', 'running'],
    ['done', 'failed'],
  ]);
});

it('measures the rate of the last second, and does not tell more often than ten times a second', async () => {
  const clock = new FakeClock();
  const told: Step[][] = [];
  const list = new StepList(plan, clock, (steps) => told.push(steps));
  list.begin('send');
  const before = told.length;
  for (let i = 1; i <= 300; i++) {
    await clock.advance(10);
    // 1000 bytes in 10 ms for two seconds, then half of that.
    list.progress(i <= 200 ? i * 1000 : 200_000 + (i - 200) * 500, 1_000_000);
  }
  expect(told.length - before).toBeLessThanOrEqual(30);
  const rates = told.map((steps) => steps[0]?.rate ?? null).filter((rate) => rate !== null);
  expect(rates[5]).toBeCloseTo(100_000, -3);
  expect(rates.at(-1)).toBeCloseTo(50_000, -3);
});

it('always tells the last byte', async () => {
  const clock = new FakeClock();
  let last: Step | undefined;
  const list = new StepList(plan, clock, (steps) => {
    last = steps[0];
  });
  list.begin('send');
  list.progress(10, 100);
  list.progress(100, 100);
  expect(last).toMatchObject({ done: 100, total: 100 });
});
