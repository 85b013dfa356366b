/**
 * The configured publishers as children of the tree: a thread each, which reads the journal as a laptop does.
 * Owns: starting and ending the threads, and what is told of each. Refuses: to send anything itself, and to let a
 * publisher count as somebody who watches: readings are saved no oftener for it. Used by daemon.ts.
 */
import { Worker } from 'node:worker_threads';
import type { DeviceStatus } from '../../src/shared/device-contract.ts';
import type { PublisherState } from '../../src/shared/device-publisher-calls.ts';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { servePeer } from '../../src/shared/peer.ts';
import { compareCursors } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { portPipe } from '../host/port-pipe.ts';
import { KILLED, SHUTDOWN, type Child, type ChildSpec, type ExitReason } from '../otp/child.ts';
import type { Recording } from '../recording.ts';
import { targetOf, type PublisherConfig } from './publish-config.ts';
import { publishContract, type Account, type PublisherPlan } from './publish-contract.ts';
import type { PublisherThreadData } from './publisher-thread.ts';
import { batchesBetween } from './run-book.ts';

export interface PublishersOptions {
  publishers: readonly PublisherConfig[];
  /** What all plans share. */
  plan: Omit<PublisherPlan, 'config'>;
  /** Program file that knows the thread role `publisher`. */
  entry: URL;
  recording: Pick<Recording, 'journal' | 'pulls'>;
  status: () => Promise<DeviceStatus>;
  clock: Clock;
  log: Log;
}

/** Memory of a thread, MB: a parcel is some 20,000 readings, and a broker's client with its buffers. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 3 };
/** How long a thread has to say goodbye, ms. */
const GOODBYE_MS = 3000;

/** One publisher, over the lives of its thread. */
interface Row {
  config: PublisherConfig;
  account: Account | null;
  /** Why its thread ended, null while it runs. */
  fault: string | null;
  /** Monotonic ms. */
  upToDateAt: number | null;
}

export class Publishers {
  /** In the order of the configuration. */
  readonly children: ChildSpec[];
  readonly #options: PublishersOptions;
  readonly #rows: Row[];

  constructor(options: PublishersOptions) {
    this.#options = options;
    this.#rows = options.publishers.map((config) => ({
      config,
      account: null,
      fault: null,
      upToDateAt: null,
    }));
    this.children = this.#rows.map((row) => ({
      id: `publisher ${row.config.id}`,
      shutdown: GOODBYE_MS,
      start: () => this.#start(row),
    }));
  }

  /** As the device's call `publishers`. */
  async rows(): Promise<PublisherState[]> {
    const now = this.#options.clock.monotonic();
    return Promise.all(
      this.#rows.map(async (row) => {
        const { config, account, fault } = row;
        const behind = config.kind === 'prometheus' || !account ? null : await this.#behind(account);
        if (behind?.batches === 0) row.upToDateAt = now;
        const problem = fault ?? account?.problem ?? null;
        return {
          publisher: config.id,
          kind: config.kind,
          target: targetOf(config),
          state: problem !== null ? 'failing' : account ? 'working' : 'starting',
          problem,
          behind,
          upToDateAgoMs: row.upToDateAt === null ? null : now - row.upToDateAt,
          today: account?.today ?? 0,
          lostBatches: account?.lostBatches ?? 0,
        };
      }),
    );
  }

  /** Null where the journal cannot say. */
  async #behind({ sent, seen }: Account): Promise<PublisherState['behind']> {
    try {
      const runs = await this.#options.recording.journal().runs(sent?.run ?? 1);
      const newest = runs.findLast(({ lastBatch }) => lastBatch > 0);
      const head = newest && { run: newest.run, batch: newest.lastBatch };
      const batches = head ? batchesBetween(runs, sent, head) : 0;
      const readings = seen.batches > 0 ? Math.round((batches * seen.readings) / seen.batches) : null;
      return { batches, readings: batches === 0 ? 0 : readings };
    } catch {
      return null;
    }
  }

  #start(row: Row): Child {
    const { plan, entry, recording, status } = this.#options;
    const { id } = row.config;
    const workerData: PublisherThreadData = { role: 'publisher', plan: { ...plan, config: row.config } };
    const worker = new Worker(entry, {
      workerData,
      name: `publisher ${id}`,
      resourceLimits: HEAP,
    });
    const gone = new AbortController();
    const server = servePeer(
      portPipe(worker),
      publishContract,
      {
        pull: async (pull) => recording.pulls.pullQuietly(pull, gone.signal),
        runs: async ({ from }) => ({ runs: await recording.journal().runs(from) }),
        status,
        tell: (account) => {
          this.#told(row, account);
          return {};
        },
      },
      () => gone.abort(),
    );
    let fault: unknown;
    let asked: ExitReason | null = null;
    worker.on('error', (error) => {
      fault = error;
    });
    const exited = new Promise<ExitReason>((resolve) => {
      worker.once('exit', (code) => {
        gone.abort();
        const error = fault ?? new Error(`its thread ended with code ${code}`);
        if (!asked) row.fault = toMusterError(error).message.slice(0, 500);
        resolve(asked ?? { kind: 'error', error });
      });
    });
    return {
      exited,
      shutdown() {
        asked ??= SHUTDOWN;
        server.emit('stop', {});
      },
      kill() {
        asked ??= KILLED;
        void worker.terminate();
      },
    };
  }

  #told(row: Row, account: Account): void {
    const { log, clock, recording } = this.#options;
    const { id } = row.config;
    const before = row.account?.problem ?? row.fault;
    if (account.problem !== null && account.problem !== before)
      log('warn', 'a publisher does not get through', { publisher: id, why: account.problem });
    else if (account.problem === null && before !== null)
      log('info', 'a publisher gets through again', { publisher: id });
    row.fault = null;
    row.account = account;
    const { head } = recording.pulls;
    if (head && account.sent && compareCursors(account.sent, head) >= 0) row.upToDateAt = clock.monotonic();
  }
}
