import { describe, expect, it } from 'vitest';
import { progressText, timeLeft } from '../../../renderer/text/progress.ts';
import type { Step } from '../../../src/shared/engine-contract.ts';

const step = (more: Partial<Step>): Step => ({
  id: 's',
  title: 'Copy',
  detail: null,
  state: 'running',
  done: 12_000_000,
  total: 38_000_000,
  rate: 4_000_000,
  ...more,
});
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('progress', () => {
  it('says amount, rate and time left', () => {
    expect(plain(progressText(step({}), 'bytes'))).toBe('12 MB of 38 MB, 4 MB/s, 6 s left');
    expect(plain(progressText(step({ done: 10, total: 100, rate: 30 }), 'rows'))).toBe(
      '10 of 100 rows, 30 rows/s, 3 s left',
    );
  });

  it('leaves out what is not known', () => {
    expect(plain(progressText(step({ rate: null }), 'bytes'))).toBe('12 MB of 38 MB');
    expect(timeLeft(step({ rate: 0 }))).toBeNull();
    expect(timeLeft(step({ total: null }))).toBeNull();
  });

  it('never promises less than nothing', () => {
    expect(timeLeft(step({ done: 40_000_000 }))).toBe(0);
    expect(plain(progressText(step({ done: 38_000_000 }), 'bytes'))).toBe('38 MB of 38 MB, 4 MB/s, 1 s left');
  });
});
