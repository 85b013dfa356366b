/** Two joined pipe ends in memory, delivering in order on later microtasks, with a cut. */
import { MusterError } from '../../src/shared/errors.ts';
import type { Pipe } from '../../src/shared/pipe.ts';

/** A pair of ends; `cut` ends both with CONNECTION_LOST, as a pulled cable does. */
export function pipePair(): { a: Pipe; b: Pipe; cut: () => void } {
  const a = new End();
  const b = new End();
  a.other = b;
  b.other = a;
  const cut = () => {
    const lost = new MusterError('CONNECTION_LOST', 'the cable was pulled');
    a.end(lost);
    b.end(lost);
  };
  return { a, b, cut };
}

class End implements Pipe {
  other!: End;
  #open = true;
  #early: Uint8Array[] = [];
  #message: ((m: Uint8Array) => void) | undefined;
  #close: ((e?: MusterError) => void) | undefined;

  send(message: Uint8Array): void {
    if (!this.#open) throw new MusterError('CLOSED', 'the pipe is closed');
    const copy = message.slice();
    queueMicrotask(() => this.other.#receive(copy));
  }

  onMessage(fn: (m: Uint8Array) => void): void {
    this.#message = fn;
    for (const m of this.#early.splice(0)) fn(m);
  }

  onClose(fn: (e?: MusterError) => void): void {
    this.#close = fn;
  }

  close(): void {
    this.end();
    this.other.end();
  }

  end(error?: MusterError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#close?.(error);
  }

  #receive(m: Uint8Array): void {
    if (!this.#open) return;
    if (this.#message) this.#message(m);
    else this.#early.push(m);
  }
}
