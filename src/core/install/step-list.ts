/** The rows of a running job: which step runs, how far it is, how fast. Tells its listener at a bounded rate. */
import type { Plan, Step } from '../../shared/engine-contract.ts';
import type { Clock } from '../../shared/time.ts';

/** A listener hears of progress at most this often, ms. */
const TELL_MS = 100;
/** Span over which a rate is measured, ms. */
const RATE_MS = 1000;

export class StepList {
  #steps: Step[];
  readonly #clock: Clock;
  readonly #tell: (steps: Step[]) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #marks: { at: number; done: number }[] = [];

  constructor(plan: Plan['steps'], clock: Clock, tell: (steps: Step[]) => void) {
    this.#steps = plan.map(({ id, title, detail }) => ({
      id,
      title,
      detail,
      state: 'waiting',
      done: null,
      total: null,
      rate: null,
    }));
    this.#clock = clock;
    this.#tell = tell;
    this.#told();
  }

  /** Begins a step; the one before it is done. A step the plan does not have is passed over. */
  begin(id: string): void {
    if (!this.#steps.some((step) => step.id === id)) return;
    this.#end('done');
    this.#change(id, { state: 'running' });
    this.#marks = [];
    this.#told();
  }

  /** Progress of the running step, in bytes. */
  progress(done: number, total: number): void {
    const running = this.#steps.find((step) => step.state === 'running');
    if (!running) return;
    const now = this.#clock.monotonic();
    this.#marks.push({ at: now, done });
    while (this.#marks.length > 2 && now - (this.#marks[1]?.at ?? now) >= RATE_MS) this.#marks.shift();
    const first = this.#marks[0];
    const rate = first && now > first.at ? ((done - first.done) * 1000) / (now - first.at) : null;
    this.#change(running.id, { done, total, rate });
    if (now - this.#toldAt >= TELL_MS || done === total) this.#told();
  }

  /** Ends the running step and with it the job. */
  end(state: 'done' | 'failed'): void {
    this.#end(state);
    this.#told();
  }

  #end(state: 'done' | 'failed'): void {
    const running = this.#steps.find((step) => step.state === 'running');
    if (running) this.#change(running.id, { state, rate: null });
  }

  #change(id: string, patch: Partial<Step>): void {
    this.#steps = this.#steps.map((step) => (step.id === id ? { ...step, ...patch } : step));
  }

  #told(): void {
    this.#toldAt = this.#clock.monotonic();
    this.#tell(this.#steps);
  }
}
