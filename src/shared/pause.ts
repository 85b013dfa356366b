/** Waiting that can be called off. */
import type { Clock } from './time.ts';

/** What pause needs of an AbortSignal, which not every place that shares this has a type for. */
interface CallOff {
  readonly aborted: boolean;
  addEventListener(type: 'abort', fn: () => void): void;
  removeEventListener(type: 'abort', fn: () => void): void;
}

/** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
export function pause(clock: Clock, ms: number, signal: CallOff): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
