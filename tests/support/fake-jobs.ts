/** Make-believe long work: steps that take time, progress, a cancel that is heard between two parts of a step. */
import type { Job, Step } from '../../src/shared/engine-contract.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';

/** Parts a step is done in. */
const PARTS = 4;

export function waitingStep(id: string, title: string, detail: string | null, total = 0): Step {
  return { id, title, detail, state: 'waiting', done: null, total: total || null, rate: null };
}

export class FakeJobs {
  readonly jobs = new Map<string, Job>();
  #cancelled = new Set<string>();
  #emit: (job: Job) => void;
  #stepMs: number;

  constructor(stepMs: number, emit: (job: Job) => void) {
    this.#stepMs = stepMs;
    this.#emit = emit;
  }

  /** Starts work on `device`; `end` says what comes of it, or throws why it failed. Returns the job's id. */
  start(
    kind: Job['kind'],
    title: string,
    device: string | null,
    steps: Step[],
    end: () => Job['result'],
  ): string {
    const id = `job-${this.jobs.size + 1}`;
    const job: Job = {
      id,
      kind,
      title,
      device,
      state: 'running',
      startedAt: Date.now(),
      endedAt: null,
      steps,
      error: null,
      result: null,
    };
    this.#tell(job, {});
    void this.#run(job, end);
    return id;
  }

  cancel(id: string): void {
    if (!this.jobs.has(id)) throw new MusterError('JOB_UNKNOWN', `there is no job ${id}`, { job: id });
    this.#cancelled.add(id);
  }

  async #run(job: Job, end: () => Job['result']): Promise<void> {
    for (const [index, { total }] of job.steps.entries()) {
      this.#step(job, index, { state: 'running', done: 0 });
      for (let part = 1; part <= PARTS; part++) {
        const ms = total ? this.#stepMs : this.#stepMs / PARTS;
        await new Promise((resolve) => setTimeout(resolve, ms));
        if (this.#cancelled.has(job.id)) {
          this.#step(job, index, { state: 'failed' });
          const error = errorToWire(new MusterError('CANCELLED', 'cancelled by a person'));
          return this.#tell(job, { state: 'cancelled', endedAt: Date.now(), error });
        }
        if (total)
          this.#step(job, index, {
            done: (total * part) / PARTS,
            rate: (total / PARTS / this.#stepMs) * 1000,
          });
      }
      this.#step(job, index, { state: 'done', rate: null });
    }
    try {
      this.#tell(job, { result: end(), state: 'done', endedAt: Date.now() });
    } catch (error) {
      this.#tell(job, { error: errorToWire(error), state: 'failed', endedAt: Date.now() });
    }
  }

  #step(job: Job, index: number, change: Partial<Step>): void {
    this.#tell(job, {
      steps: job.steps.map((step, i) => (i === index ? Object.assign({}, step, change) : step)),
    });
  }

  #tell(job: Job, change: Partial<Job>): void {
    Object.assign(job, change);
    this.jobs.set(job.id, structuredClone(job));
    this.#emit(structuredClone(job));
  }
}
