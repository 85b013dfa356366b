import { describe, expect, it } from 'vitest';
import {
  causeSentence,
  countBelow,
  deedsOf,
  questionOf,
} from '../../../renderer/screens/device/tree-deeds.ts';
import type { TreeRow } from '../../../src/shared/device-contract.ts';

const row = (path: string, more: Partial<TreeRow> = {}): TreeRow => ({
  path,
  kind: 'worker',
  state: 'running',
  restarts: 0,
  restartsInWindow: 0,
  nextAttemptMs: null,
  lastCause: null,
  ...more,
});
const AIR = row('muster/sensors/air', { sensor: 'air' });

describe('what can be done to a row', () => {
  it.each<[TreeRow, string[]]>([
    [row('muster'), []],
    [row('muster/control'), []],
    [row('muster/sensors/control', { sensor: 'control' }), ['restart', 'take-out']],
    [row('muster/journal'), ['restart']],
    [row('muster/sensors'), ['restart']],
    [AIR, ['restart', 'take-out']],
    [{ ...AIR, takenOut: true }, ['put-back']],
  ])('%o', (of, deeds) => {
    expect(deedsOf(of)).toEqual(deeds);
  });

  it('is asked with its name and what hangs below', () => {
    const rows = [
      row('muster'),
      row('muster/sensors'),
      AIR,
      row('muster/sensors/up'),
      row('muster/sensors2'),
    ];
    const count = (at: number) => countBelow(rows, rows[at] as TreeRow);
    expect([count(0), count(1), count(2)]).toEqual([4, 2, 0]);
    expect(questionOf('restart', row('muster/sensors'), 2)).toMatchObject({
      title: 'Restart sensors and the 2 children below it?',
      button: 'Restart sensors',
    });
    expect(questionOf('restart', AIR, 0).title).toBe('Restart air?');
    expect(questionOf('take-out', AIR, 0).button).toBe('Take air out');
    expect(questionOf('put-back', AIR, 0).button).toBe('Put air back');
  });
});

describe('a cause in one sentence', () => {
  it.each([
    ['BUS_NACK: nothing answers at 0x76 on i2c-1', 'Nothing answers at 0x76 on i2c-1.'],
    ['INTERNAL: it broke, because EIO: i/o error, because …', 'It broke.'],
    ['killed', 'Killed.'],
    ['Is that so?', 'Is that so?'],
    ['cut at the end…', 'Cut at the end…'],
    ['', '.'],
  ])('%j', (cause, sentence) => {
    expect(causeSentence(cause)).toBe(sentence);
  });
});
