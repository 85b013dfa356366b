/** Work that ends with its connection: whatever is under way when the connection goes is told at once. */
import { MusterError } from '../../shared/errors.ts';

export class OpenWork {
  readonly #pending = new Set<(error: MusterError) => void>();
  #ending: MusterError | undefined;

  /** The error all work ends with, undefined while open. */
  get ending(): MusterError | undefined {
    return this.#ending;
  }

  /** Rejects all work, now and later, with `error`. The first call counts. */
  end(error: MusterError): void {
    if (this.#ending) return;
    this.#ending = error;
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  /** The outcome of `work`, or the ending if that comes first. */
  async run<T>(work: Promise<T>): Promise<T> {
    if (this.#ending) {
      work.catch(() => {});
      throw this.#ending;
    }
    let reject: (error: MusterError) => void = () => {};
    const cut = new Promise<never>((_, no) => {
      reject = no;
    });
    this.#pending.add(reject);
    try {
      return await Promise.race([work, cut]);
    } finally {
      this.#pending.delete(reject);
    }
  }
}
