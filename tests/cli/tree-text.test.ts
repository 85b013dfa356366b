import { describe, expect, it } from 'vitest';
import { treeText } from '../../src/cli/tree-text.ts';
import type { TreeRow } from '../../src/shared/device-contract.ts';

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

describe('the tree as text', () => {
  it('is indented and says state, restarts, the next attempt and the last cause', () => {
    const rows = [
      row('muster', { kind: 'supervisor' }),
      row('muster/journal'),
      row('muster/sensors', { kind: 'supervisor' }),
      row('muster/sensors/air', {
        state: 'restarting',
        restarts: 14,
        restartsInWindow: 3,
        nextAttemptMs: 4210,
        lastCause: 'BUS_NACK: nothing answers at 0x76',
      }),
      row('muster/sensors/up', {
        state: 'stopped',
        sensor: 'up',
        takenOut: true,
        lastCause: 'taken out by a person',
      }),
    ];
    expect(treeText(rows).split('\n')).toEqual([
      'CHILD      STATE       RESTARTS       NEXT      LAST CAUSE',
      'muster     running',
      '  journal  running',
      '  sensors  running',
      '    air    restarting  14 (3 lately)  in 4.2 s  BUS_NACK: nothing answers at 0x76',
      '    up     taken out                            taken out by a person',
    ]);
  });
});
