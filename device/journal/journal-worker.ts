/** The journal's thread: opens the store, answers questions one after the other, ends when it is closed or broken. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import type { JournalSlice } from './journal.ts';
import { openJournalStore } from './journal-store.ts';
import type { Answer, JournalThreadData, Question } from './journal-thread.ts';

/** True in the thread that startJournalThread made. */
export function isJournalThread(): boolean {
  return (workerData as JournalThreadData | null)?.role === 'journal';
}

/** Serves the journal on this thread's port until it is closed. */
export function serveJournal(): void {
  const port = parentPort;
  if (!port) throw new TypeError('the journal is served in a thread only');
  const answer = (message: Answer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let journal: ReturnType<typeof openJournalStore>['journal'];
  try {
    const opened = openJournalStore((workerData as JournalThreadData).options);
    journal = opened.journal;
    answer({ opened: { recovery: opened.recovery } });
  } catch (error) {
    answer({ id: -1, error: errorToWire(error) });
    return;
  }
  // One after the other: an append that was asked for first is on the disk before a later read looks.
  let queue = Promise.resolve();
  port.on('message', ({ id, call, args }: Question) => {
    queue = queue.then(async () => {
      try {
        const ok = await (journal[call] as (...args: unknown[]) => Promise<unknown>)(...args);
        answer({ id, ok }, call === 'read' ? buffersOf(ok as JournalSlice) : []);
      } catch (error) {
        answer({ id, error: errorToWire(error) });
        // the store has let go of the file; the next thread opens what can be saved of it
        if (error instanceof MusterError && error.details['broken'] === true) port.close();
      }
      if (call === 'close') port.close();
    });
  });
}

/** Buffers that can be handed over instead of copied. */
function buffersOf(slice: JournalSlice): ArrayBuffer[] {
  return slice.batches.flatMap(({ data }) =>
    data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? [data.buffer] : [],
  );
}
