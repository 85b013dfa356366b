/**
 * The journal in a thread of its own: this side asks, journal-worker.ts answers. One question is one message;
 * answers come in order. Owned by the tree as a child: the thread's end is the child's end.
 */
import { Worker } from 'node:worker_threads';
import { errorFromWire, MusterError, toMusterError, type WireError } from '../../src/shared/errors.ts';
import { KILLED, SHUTDOWN, type Child, type ExitReason } from '../otp/child.ts';
import type { Journal } from './journal.ts';
import type { JournalOptions } from './journal-store.ts';
import type { Recovery } from './opening.ts';

/** What the thread is started with; the program's entry looks for it to know that it is the journal's thread. */
export interface JournalThreadData {
  role: 'journal';
  options: JournalOptions;
}

export interface Question {
  id: number;
  call: keyof Journal;
  args: unknown[];
}

export type Answer =
  | { opened: { recovery: Recovery | null } }
  | { id: number; ok: unknown }
  | { id: number; error: WireError };

/** A journal in its thread, as a child of a supervisor. */
export interface JournalThread extends Child {
  journal: Journal;
  /** What had to be done to open it, null as a rule. */
  recovery: Recovery | null;
}

/** Starts the thread from the program file `entry` and waits until the journal is open. Rejects as opening does. */
export async function startJournalThread(entry: URL, options: JournalOptions): Promise<JournalThread> {
  const workerData: JournalThreadData = { role: 'journal', options };
  const worker = new Worker(entry, { workerData, name: 'journal' });
  const pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: MusterError) => void }
  >();
  let fault: unknown;
  let asked: ExitReason | null = null;
  let gone: MusterError | null = null;
  let nextId = 0;

  const opened = Promise.withResolvers<Recovery | null>();
  const exited = Promise.withResolvers<ExitReason>();
  worker.on('error', (error) => {
    fault = error;
  });
  worker.on('message', (answer: Answer) => {
    if ('opened' in answer) return opened.resolve(answer.opened.recovery);
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('ok' in answer) waiting?.resolve(answer.ok);
    else if (waiting) waiting.reject(errorFromWire(answer.error));
    else opened.reject(errorFromWire(answer.error));
  });
  worker.on('exit', (code) => {
    gone = new MusterError('JOURNAL_FAILED', 'the journal thread has ended', { code }, fault);
    opened.reject(gone);
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
    exited.resolve(asked ?? { kind: 'error', error: fault ?? gone });
  });

  function ask(call: keyof Journal, args: unknown[]): Promise<never> {
    return new Promise((resolve, reject) => {
      // what is posted to an ended thread is dropped without a word
      if (gone) return reject(gone);
      const id = nextId++;
      pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      try {
        worker.postMessage({ id, call, args } satisfies Question);
      } catch (error) {
        pending.delete(id);
        reject(toMusterError(error, 'JOURNAL_FAILED'));
      }
    });
  }

  const journal: Journal = {
    beginRun: (...args) => ask('beginRun', args),
    observeClock: (...args) => ask('observeClock', args),
    bootClock: (...args) => ask('bootClock', args),
    clockNotes: () => ask('clockNotes', []),
    lastBatch: (...args) => ask('lastBatch', args),
    append: (...args) => ask('append', args),
    read: (...args) => ask('read', args),
    runs: (...args) => ask('runs', args),
    channels: (...args) => ask('channels', args),
    figures: () => ask('figures', []),
    close: () => ask('close', []),
  };
  return {
    journal,
    recovery: await opened.promise,
    exited: exited.promise,
    shutdown() {
      asked ??= SHUTDOWN;
      journal.close().catch(() => worker.terminate());
    },
    kill() {
      asked ??= KILLED;
      void worker.terminate();
    },
  };
}
