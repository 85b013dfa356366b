/** Watches a job to its end, telling its steps as they happen; Ctrl+C cancels it. */
import type { Engine } from '../core/engine.ts';
import type { Job } from '../shared/engine-contract.ts';
import { errorFromWire, MusterError } from '../shared/errors.ts';
import type { Output } from './output.ts';

/** The ended job. Throws its error, or CANCELLED. */
export async function followJob(engine: Engine, id: string, output: Output): Promise<Job> {
  const told = new Map<string, string>();
  const tell = (job: Job) => {
    for (const step of job.steps) {
      if (told.get(step.id) === step.state || step.state === 'waiting') continue;
      told.set(step.id, step.state);
      const mark = { running: '…', done: '✓', skipped: '–', failed: '✗' }[step.state];
      output.progress(`${mark} ${step.title}${step.detail ? ` (${step.detail})` : ''}`);
    }
  };
  const job = await new Promise<Job>((resolve) => {
    const cancel = () => void engine.handlers['jobs.cancel']({ job: id });
    process.once('SIGINT', cancel);
    const seen = (row: Job) => {
      if (row.id !== id) return;
      tell(row);
      if (row.state === 'running') return;
      unsubscribe();
      process.off('SIGINT', cancel);
      resolve(row);
    };
    const unsubscribe = engine.subscribe((name, payload) => {
      if (name === 'job') seen(payload as Job);
    });
    void Promise.resolve(engine.handlers['jobs.snapshot']({})).then(({ jobs }) => jobs.forEach(seen));
  });
  if (job.state === 'cancelled') throw new MusterError('CANCELLED', `${job.title}: cancelled`);
  if (job.error) throw errorFromWire(job.error);
  return job;
}
