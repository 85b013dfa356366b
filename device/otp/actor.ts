/**
 * The cheap way to write a worker: something with a period, a mailbox, or both, doing one thing at a time.
 * Owns: the order of its work and its exit. Whatever a callback throws is its exit reason.
 * Refuses: overlapping work (a tick that comes while the last one still runs is counted as missed, a message waits);
 * state (keep it in the closure of the start function, so that a restart begins with a fresh one).
 */
import { MusterError } from '../../src/shared/errors.ts';
import { type Child, type ExitReason, KILLED, NORMAL, SHUTDOWN } from './child.ts';
import { isFault } from './decision.ts';
import type { Ticker } from './ticker.ts';

/** What an actor does. Callbacks may return a promise; the next begins when it has settled. */
export interface ActorSpec<Request, Reply> {
  /** With `onTick`: milliseconds between ticks, on a fixed grid. */
  everyMs?: number;
  /** With `onTick`: milliseconds to the first tick. Default 0: at once, in a later turn of the event loop. */
  firstMs?: number;
  /** Periodic work. `missed`: ticks left out since the last one. */
  onTick?: (self: ActorSelf, missed: number) => void | Promise<void>;
  /** Answers `call`, and takes `send`, whose answer is dropped. */
  onMessage?: (message: Request, self: ActorSelf) => Reply | Promise<Reply>;
  /** Last thing before an end that it knows of; not when killed. What it throws becomes the exit reason, unless that is a fault already. */
  onStop?: (reason: ExitReason) => void | Promise<void>;
}

/** The actor as its own callbacks see it. */
export interface ActorSelf {
  /** Ends it after the callback that runs now. Default reason `normal`. */
  exit(reason?: ExitReason): void;
}

export interface Actor<Request = unknown, Reply = unknown> extends Child {
  /** Asks and waits for the answer. Rejects with what the handler threw, or CLOSED when the actor ends before. */
  call(message: Request): Promise<Reply>;
  /** Tells; dropped when the actor has ended. */
  send(message: Request): void;
}

/** Starts an actor. `ticker` is shared by all actors of the process. */
export function startActor<Request = never, Reply = void>(
  spec: ActorSpec<Request, Reply>,
  ticker: Ticker,
): Actor<Request, Reply> {
  return new RunningActor(spec, ticker);
}

/** A message waiting, or being worked on; a linked list, so that a flooded mailbox costs no more a message. */
interface Letter<Request, Reply> {
  message: Request;
  next: Letter<Request, Reply> | null;
  resolve: ((reply: Reply) => void) | null;
  reject: ((error: unknown) => void) | null;
}

class RunningActor<Request, Reply> implements Actor<Request, Reply>, ActorSelf {
  readonly exited: Promise<ExitReason>;
  readonly periodMs: number;
  readonly #spec: ActorSpec<Request, Reply>;
  readonly #settle: (reason: ExitReason) => void;
  readonly #cancelTicks: (() => void) | null;
  #first: Letter<Request, Reply> | null = null;
  #last: Letter<Request, Reply> | null = null;
  /** Being worked on. */
  #open: Letter<Request, Reply> | null = null;
  #busy = false;
  #missed = 0;
  /** Why it is about to end. */
  #ending: ExitReason | null = null;
  #ended = false;

  constructor(spec: ActorSpec<Request, Reply>, ticker: Ticker) {
    this.#spec = spec;
    const { promise, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = promise;
    this.#settle = resolve;
    this.periodMs = spec.everyMs ?? 0;
    this.#cancelTicks = spec.onTick && spec.everyMs ? ticker.add(this, spec.firstMs ?? 0) : null;
  }

  call(message: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#ended || this.#ending) return reject(closed());
      this.#post({ message, next: null, resolve, reject });
    });
  }

  send(message: Request): void {
    if (this.#ended || this.#ending) return;
    this.#post({ message, next: null, resolve: null, reject: null });
  }

  exit(reason: ExitReason = NORMAL): void {
    this.#ending ??= reason;
    if (!this.#busy) this.#stop(this.#ending);
  }

  shutdown(): void {
    this.exit(SHUTDOWN);
  }

  kill(): void {
    this.#end(KILLED);
  }

  /** Called by the ticker. */
  tick(missed: number): void {
    if (this.#busy) {
      this.#missed += missed + 1;
      return;
    }
    const sum = this.#missed + missed;
    this.#missed = 0;
    this.#busy = true;
    try {
      const pending = this.#spec.onTick?.(this, sum);
      if (pending)
        pending.then(
          () => this.#done(),
          (error: unknown) => this.#fail(error),
        );
      else this.#done();
    } catch (error) {
      this.#fail(error);
    }
  }

  #post(letter: Letter<Request, Reply>): void {
    if (this.#last) this.#last.next = letter;
    else this.#first = letter;
    this.#last = letter;
    this.#next();
  }

  #next(): void {
    while (!this.#busy && !this.#ended) {
      if (this.#ending) return this.#stop(this.#ending);
      const letter = this.#first;
      if (!letter) return;
      this.#first = letter.next;
      this.#last = letter.next && this.#last;
      this.#busy = true;
      this.#open = letter;
      try {
        const reply = this.#spec.onMessage?.(letter.message, this) as Reply | Promise<Reply>;
        if (reply instanceof Promise) {
          reply.then(
            (value) => {
              letter.resolve?.(value);
              this.#done();
            },
            (error: unknown) => this.#fail(error),
          );
          return;
        }
        letter.resolve?.(reply);
        this.#open = null;
        this.#busy = false;
      } catch (error) {
        return this.#fail(error);
      }
    }
  }

  #done(): void {
    this.#busy = false;
    this.#open = null;
    if (this.#ending || this.#first) this.#next();
  }

  #fail(error: unknown): void {
    this.#open?.reject?.(error);
    this.#open = null;
    this.#busy = false;
    this.#stop({ kind: 'error', error });
  }

  #stop(reason: ExitReason): void {
    if (this.#ended) return;
    this.#ending = reason;
    this.#cancelTicks?.();
    // The first cause is the one to tell: a fault while cleaning up after a fault is not.
    const afterFault = (error: unknown): void =>
      this.#end(isFault(reason) ? reason : { kind: 'error', error });
    this.#busy = true;
    try {
      const pending = this.#spec.onStop?.(reason);
      if (pending) pending.then(() => this.#end(reason), afterFault);
      else this.#end(reason);
    } catch (error) {
      afterFault(error);
    }
  }

  #end(reason: ExitReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTicks?.();
    this.#open?.reject?.(closed());
    for (let letter = this.#first; letter; letter = letter.next) letter.reject?.(closed());
    this.#first = null;
    this.#settle(reason);
  }
}

function closed(): MusterError {
  return new MusterError('CLOSED', 'the actor has ended');
}
