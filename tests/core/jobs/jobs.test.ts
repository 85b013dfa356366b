import { describe, expect, it } from 'vitest';
import { createJobs } from '../../../src/core/jobs/jobs.ts';
import type { Job, Step } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  const rows: Job[] = [];
  return { clock, rows, jobs: createJobs({ clock, emit: (row) => rows.push(row) }) };
}

const start = { kind: 'export', title: 'Save CSV', device: null } as const;
const step = (done: number): Step => ({
  id: 'write',
  title: 'Write',
  detail: null,
  state: 'running',
  done,
  total: 100,
  rate: null,
});

describe('jobs', () => {
  it('end with their result', async () => {
    const { jobs, rows } = setUp();
    const id = jobs.start(start, () => Promise.resolve({ rows: 3 }));
    await expect(jobs.ended(id)).resolves.toMatchObject({ state: 'done', result: { rows: 3 } });
    expect(rows.map((row) => row.state)).toEqual(['running', 'done']);
  });

  it('end as failed with the error, and the step in which it happened', async () => {
    const { jobs } = setUp();
    const id = jobs.start(start, (context) => {
      context.steps([step(1)]);
      return Promise.reject(new MusterError('DISK_FULL', 'no room'));
    });
    await expect(jobs.ended(id)).resolves.toMatchObject({
      state: 'failed',
      error: { code: 'DISK_FULL' },
      steps: [{ state: 'failed' }],
    });
  });

  it('end as cancelled when a person cancels', async () => {
    const { jobs } = setUp();
    const id = jobs.start(
      start,
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    jobs.cancel(id);
    await expect(jobs.ended(id)).resolves.toMatchObject({ state: 'cancelled', error: null });
    expect(() => jobs.cancel('export-99')).toThrow(/no job/);
  });

  it('send at most ten rows a second however fast the work steps', async () => {
    const { jobs, rows, clock } = setUp();
    let finish = () => {};
    const id = jobs.start(start, async (context) => {
      for (let i = 0; i < 1000; i++) context.steps([step(i)]);
      await new Promise<void>((resolve) => (finish = resolve));
      return null;
    });
    await clock.advance(1000);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.steps).toEqual([step(999)]);
    finish();
    await jobs.ended(id);
    expect(rows.at(-1)?.state).toBe('done');
    expect(clock.pending).toBe(0);
  });
});
