import { describe, expect, it } from 'vitest';
import type { Watchdog } from '../../src/shared/device-contract.ts';
import { watchdogText } from '../../src/shared/watchdog-text.ts';

describe('the hardware watchdog in words', () => {
  it.each<[Watchdog['state'], number | null, string | null]>([
    ['armed', 15, 'armed, 15 s'],
    ['armed', null, 'armed'],
    ['not-armed', 15, 'not armed'],
    ['none', null, 'none'],
    ['unknown', 15, null],
  ])('%s with %s s is %j', (state, timeoutS, text) => {
    expect(watchdogText({ state, timeoutS, identity: null })).toBe(text);
  });

  it('is not told by an older daemon', () => {
    expect(watchdogText(undefined)).toBeNull();
  });
});
