/** One after another, and what a failure and a cancel leave. */
import { describe, expect, it } from 'vitest';
import { copyRun, type CopyRow, type CopyState } from '../../../renderer/screens/configuration/copy-run.ts';
import type { Job } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';

const ORDERS = ['a', 'b', 'c'].map((device) => ({ device, text: '', base: '' }));

async function run(outcomes: Record<string, Job['state'] | 'refused' | 'cancel'>) {
  const control = new AbortController();
  const cancelled: string[] = [];
  const told: string[] = [];
  const rows = new Map<string, CopyRow>();
  await copyRun(
    ORDERS,
    {
      apply: ({ device }) =>
        outcomes[device] === 'refused'
          ? Promise.reject(new MusterError('DEVICE_BUSY', 'busy', {}))
          : Promise.resolve({ job: device }),
      ended: (job) => {
        const outcome = outcomes[job] ?? 'done';
        if (outcome === 'cancel') control.abort();
        const state = outcome === 'cancel' ? 'cancelled' : outcome;
        return Promise.resolve({ state, error: null, result: null } as unknown as Job);
      },
      cancel: (job) => cancelled.push(job),
    },
    (device, row) => {
      told.push(`${device} ${row.state}`);
      rows.set(device, row);
    },
    control.signal,
  );
  const states = [...rows.values()].map(({ state }): CopyState => state);
  return { states, cancelled, told, rows };
}

describe('a configuration brought onto many', () => {
  it('goes one after another', async () => {
    const { states, told } = await run({});
    expect(states).toEqual(['done', 'done', 'done']);
    expect(told.indexOf('a done')).toBeLessThan(told.indexOf('b running'));
  });

  it('ends with the first that does not take it', async () => {
    expect((await run({ b: 'failed' })).states).toEqual(['done', 'failed', 'left']);
    const { states, rows } = await run({ a: 'refused' });
    expect(states).toEqual(['failed', 'left', 'left']);
    expect(rows.get('a')?.error?.code).toBe('DEVICE_BUSY');
  });

  it('cancels the one under way and leaves the rest', async () => {
    const { states, cancelled } = await run({ a: 'cancel' });
    expect(states).toEqual(['failed', 'left', 'left']);
    expect(cancelled).toEqual(['a']);
  });
});
