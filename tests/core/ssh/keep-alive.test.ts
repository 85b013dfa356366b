import { expect, it } from 'vitest';
import { SILENCE_MS, watchSilence } from '../../../src/core/ssh/keep-alive.ts';
import { FakeClock } from '../../support/fake-clock.ts';

it('calls a link lost after SILENCE_MS without a byte, not before, and only once', async () => {
  const clock = new FakeClock();
  let silences = 0;
  watchSilence(
    clock,
    () => 0,
    () => silences++,
  );
  await clock.advance(SILENCE_MS - 1000);
  expect(silences).toBe(0);
  await clock.advance(1000);
  expect(silences).toBe(1);
  await clock.advance(60_000);
  expect(silences).toBe(1);
  expect(clock.pending).toBe(0);
});

it('takes any byte for life: a slow link is not a dead one', async () => {
  const clock = new FakeClock();
  let bytes = 0;
  let silences = 0;
  const stop = watchSilence(
    clock,
    () => bytes,
    () => silences++,
  );
  for (let i = 0; i < 20; i++) {
    await clock.advance(SILENCE_MS - 2000);
    bytes++;
  }
  expect(silences).toBe(0);
  stop();
  await clock.advance(60_000);
  expect(silences).toBe(0);
  expect(clock.pending).toBe(0);
});
