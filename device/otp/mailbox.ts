/** One job at a time, in order. A job may take time; the next waits for it. An idle mailbox runs a job at once. */
import type { MusterError } from '../../src/shared/errors.ts';

type Job = () => void | Promise<void>;

/** Serialises what happens to one owner. `onFault` gets what a posted job throws: a bug, never swallowed. */
export class Mailbox {
  readonly #onFault: (error: unknown) => void;
  #jobs: Job[] = [];
  #busy = false;
  #closed: MusterError | null = null;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Queues a job; dropped when the mailbox is closed. */
  post(job: Job): void {
    if (this.#closed) return;
    this.#jobs.push(job);
    if (!this.#busy) void this.#drain();
  }

  /** Queues a question and hands on its answer or error. `reply` may be called in the job or later. */
  call<T>(
    job: (reply: (value: T) => void, refuse: (error: unknown) => void) => void | Promise<void>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      this.post(async () => {
        if (this.#closed) return reject(this.#closed);
        try {
          await job(resolve, reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Refuses all further work; questions still queued are refused with `error`, other jobs are dropped. */
  close(error: MusterError): void {
    this.#closed ??= error;
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    // By batches, so that taking the next job costs the same however many wait.
    while (this.#jobs.length > 0) {
      const batch = this.#jobs;
      this.#jobs = [];
      for (const job of batch) {
        try {
          const pending = job();
          if (pending) await pending;
        } catch (error) {
          this.#onFault(error);
        }
      }
    }
    this.#busy = false;
  }
}
