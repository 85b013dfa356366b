/** One attempt to start one child: with a time limit, and given up at once when nobody wants it any more. */
import { MusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { type Child, isChild, type StartContext } from './child.ts';
import type { Report } from './report.ts';
import type { ResolvedChildSpec } from './supervisor-spec.ts';

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'started'; readonly child: Child }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Nobody wanted it any more. */
  | { readonly kind: 'cancelled'; readonly error: MusterError };

/** What all children of a tree are given. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly onReport: (report: Report) => void;
}

/** The context that a start function sees; its owner can give the attempt up. */
export class Attempt implements StartContext {
  readonly id: string;
  readonly path: string;
  readonly #around: Surroundings;
  #controller: AbortController | null = null;
  #over: MusterError | null = null;
  #finish: ((outcome: Outcome) => void) | null = null;

  constructor(id: string, path: string, around: Surroundings) {
    this.id = id;
    this.path = path;
    this.#around = around;
  }

  get clock(): Clock {
    return this.#around.clock;
  }
  get log(): Log {
    return this.#around.log;
  }
  get random(): () => number {
    return this.#around.random;
  }
  get onReport(): (report: Report) => void {
    return this.#around.onReport;
  }
  /** Made when first asked for: most children never look. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort(this.#over);
    return this.#controller.signal;
  }

  /**
   * Starts the child and calls `done` exactly once, before anything else can happen to a started child: at once when
   * the start is synchronous. A child that arrives after the attempt was given up is killed.
   */
  run(spec: ResolvedChildSpec, args: readonly unknown[], done: (outcome: Outcome) => void): void {
    let cancelTimer = (): void => {};
    let finished = false;
    const finish = (outcome: Outcome): void => {
      if (finished) {
        if (outcome.kind === 'started') outcome.child.kill();
        return;
      }
      finished = true;
      cancelTimer();
      done(outcome);
    };
    let started: unknown;
    try {
      started = spec.start(this, ...args);
    } catch (error) {
      return finish({ kind: 'failed', error });
    }
    if (!isPending(started)) return finish(outcomeOf(started, this.path));
    this.#finish = finish;
    const { startTimeoutMs: limit } = spec;
    if (limit !== 'infinity') {
      cancelTimer = this.clock.after(limit, () => {
        const error = new MusterError('TIMEOUT', `no start within ${limit} ms`, {
          child: this.path,
          ms: limit,
        });
        this.#stopWaiting({ kind: 'failed', error });
      });
    }
    started.then(
      (value) => finish(outcomeOf(value, this.path)),
      (error: unknown) => finish({ kind: 'failed', error }),
    );
    if (this.#over) finish({ kind: 'cancelled', error: this.#over });
  }

  /** Gives the attempt up with CANCELLED. No effect once it is over. */
  cancel(): void {
    this.#stopWaiting({
      kind: 'cancelled',
      error: new MusterError('CANCELLED', `the start of ${this.path} was given up`, { child: this.path }),
    });
  }

  #stopWaiting(outcome: { kind: 'failed' | 'cancelled'; error: MusterError }): void {
    this.#over ??= outcome.error;
    this.#controller?.abort(this.#over);
    this.#finish?.(outcome);
  }
}

function isPending(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function outcomeOf(value: unknown, path: string): Outcome {
  if (value === 'ignore') return { kind: 'ignored' };
  if (isChild(value)) return { kind: 'started', child: value };
  const error = new MusterError('BAD_INPUT', 'start gave neither a child nor "ignore"', { child: path });
  return { kind: 'failed', error };
}
