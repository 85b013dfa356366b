/** One configuration brought onto one device after another; the first that does not take it ends it. */
import type { Job } from '../../../src/shared/engine-contract.ts';
import { errorToWire, MusterError, type WireError } from '../../../src/shared/errors.ts';

/** What one device gets, and the hash of what it had when that was made. */
export interface CopyOrder {
  device: string;
  text: string;
  base: string;
}

export type CopyState = 'waiting' | 'running' | 'done' | 'failed' | 'left';

export interface CopyRow {
  state: CopyState;
  error: Job['error'] | WireError;
  note: string | null;
}

export interface CopyDeeds {
  apply: (order: CopyOrder) => Promise<{ job: string }>;
  /** Resolves when the job has ended. */
  ended: (job: string) => Promise<Job>;
  cancel: (job: string) => void;
}

/** Carries out `orders` in order. A row each is told as it goes; what is not begun when `signal` falls is left. */
export async function copyRun(
  orders: readonly CopyOrder[],
  deeds: CopyDeeds,
  tell: (device: string, row: CopyRow) => void,
  signal: AbortSignal,
): Promise<void> {
  let stopped = false;
  for (const { device } of orders) tell(device, { state: 'waiting', error: null, note: null });
  for (const order of orders) {
    if (stopped || signal.aborted) {
      tell(order.device, { state: 'left', error: null, note: null });
      continue;
    }
    tell(order.device, { state: 'running', error: null, note: null });
    try {
      const { job } = await deeds.apply(order);
      const cancel = () => deeds.cancel(job);
      signal.addEventListener('abort', cancel);
      const { state, error, result } = await deeds.ended(job);
      signal.removeEventListener('abort', cancel);
      if (state === 'done') {
        const note = result?.['note'];
        tell(order.device, { state: 'done', error: null, note: typeof note === 'string' ? note : null });
        continue;
      }
      stopped = true;
      const why = error ?? errorToWire(new MusterError('CANCELLED', 'cancelled: it goes back by itself', {}));
      tell(order.device, { state: 'failed', error: why, note: null });
    } catch (thrown) {
      stopped = true;
      tell(order.device, { state: 'failed', error: errorToWire(thrown), note: null });
    }
  }
}
