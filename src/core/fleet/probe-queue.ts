/** Probes devices a few at a time, each over its addresses until one answers. */
import { toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';

/** Asks whether SSH answers and where; rejects with the codes of probe.ts. Must end by itself. */
export type Probe = (target: { host: string; port: number }) => Promise<{ address: string }>;

/** `refused`: something answers there, but not with SSH. */
export type ProbeResult = 'answered' | 'refused' | 'unanswered';

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
  onResult: (id: string, result: ProbeResult) => void;
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
      void ask(id).then((result) => {
        running--;
        if (stopped) return;
        options.onResult(id, result);
        pump();
      });
    }
  }

  async function ask(id: string): Promise<ProbeResult> {
    let result: ProbeResult = 'unanswered';
    for (const { host, port } of options.addressesOf(id).slice(0, MAX_ADDRESSES)) {
      try {
        await probe({ host, port });
        return 'answered';
      } catch (error) {
        const { code } = toMusterError(error);
        if (code === 'PORT_CLOSED' || code === 'NOT_SSH' || code === 'CONNECTION_LOST') result = 'refused';
        log('debug', 'probe failed', { id, host, port, code });
      }
    }
    return result;
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
