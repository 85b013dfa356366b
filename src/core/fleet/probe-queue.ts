/** Probes devices a few at a time, each over its addresses until one answers. */
import { toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';

/** Asks whether SSH answers and where; rejects with the codes of probe.ts. Must end by itself. */
export type Probe = (target: { host: string; port: number }) => Promise<{ address: string }>;

export interface ProbeQueue {
  /** Queues a device; `onResult` is called once for it. */
  add(id: string): void;
  /** No further probe starts, no further result is told. */
  stop(): void;
}

const MAX_AT_ONCE = 8;
const MAX_ADDRESSES = 4;

/** `addressesOf` is read when the turn of a device comes, best address first. */
export function createProbeQueue(options: {
  probe: Probe;
  log: Log;
  addressesOf: (id: string) => readonly { host: string; port: number }[];
  onResult: (id: string, answered: boolean) => void;
}): ProbeQueue {
  const { probe, log } = options;
  let waiting: string[] = [];
  let running = 0;
  let stopped = false;

  function pump(): void {
    while (running < MAX_AT_ONCE) {
      const id = waiting.shift();
      if (id === undefined) return;
      running++;
      void answers(id).then((answered) => {
        running--;
        if (stopped) return;
        options.onResult(id, answered);
        pump();
      });
    }
  }

  async function answers(id: string): Promise<boolean> {
    for (const { host, port } of options.addressesOf(id).slice(0, MAX_ADDRESSES)) {
      try {
        await probe({ host, port });
        return true;
      } catch (error) {
        log('debug', 'probe failed', { id, host, port, code: toMusterError(error).code });
      }
    }
    return false;
  }

  return {
    add(id) {
      if (stopped) return;
      waiting.push(id);
      pump();
    },
    stop() {
      stopped = true;
      waiting = [];
    },
  };
}
