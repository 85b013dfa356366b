/**
 * Long work with a face: every job has steps, can be cancelled, and ends as done, failed or cancelled.
 * Owns the rows; the work itself is handed in. Rows go out whole, at most ten a second for each job.
 */
import type { Job, Step } from '../../shared/engine-contract.ts';
import { errorToWire, MusterError, toMusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';

const ROW_INTERVAL_MS = 100;
/** Ended jobs kept for the list. */
const KEPT = 50;

/** What the work of a job gets. */
export interface JobContext {
  /** Aborted when the person cancels. */
  signal: AbortSignal;
  /** Says how the steps stand now, all of them. */
  steps: (steps: Step[]) => void;
  /** Says which device the job is about, once that is known better. */
  device: (id: string) => void;
}

/** What a job starts with. */
export interface JobStart {
  kind: Job['kind'];
  title: string;
  device: string | null;
}

/** Registry of jobs. */
export interface Jobs {
  /** Starts `work` now; its result becomes the row's. Never throws for the work's sake. */
  start(job: JobStart, work: (context: JobContext) => Promise<Job['result']>): string;
  /** Asks a job to stop; an ended job is left as it is. Throws JOB_UNKNOWN. */
  cancel(id: string): void;
  snapshot(): Job[];
  /** Settles when the job has ended. Throws JOB_UNKNOWN. */
  ended(id: string): Promise<Job>;
  /** Cancels all and waits for them. */
  close(): Promise<void>;
}

interface Entry {
  row: Job;
  abort: AbortController;
  ended: Promise<Job>;
  waiting: (() => void) | null;
}

/** Makes the registry; `emit` gets each changed row. */
export function createJobs({ clock, emit }: { clock: Clock; emit: (row: Job) => void }): Jobs {
  const entries = new Map<string, Entry>();
  let count = 0;

  const known = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new MusterError('JOB_UNKNOWN', `there is no job ${id}`, { job: id });
    return entry;
  };

  const send = (entry: Entry) => {
    entry.waiting?.();
    entry.waiting = null;
    emit(structuredClone(entry.row));
  };

  const sendSoon = (entry: Entry) => {
    entry.waiting ??= clock.after(ROW_INTERVAL_MS, () => send(entry));
  };

  const forgetOld = () => {
    const ended = [...entries.values()].filter((entry) => entry.row.state !== 'running');
    for (const entry of ended.slice(0, Math.max(0, ended.length - KEPT))) entries.delete(entry.row.id);
  };

  return {
    start({ kind, title, device }, work) {
      const id = `${kind}-${++count}`;
      const abort = new AbortController();
      const row: Job = {
        id,
        kind,
        title,
        device,
        state: 'running',
        startedAt: clock.wall(),
        endedAt: null,
        steps: [],
        error: null,
        result: null,
      };
      const context: JobContext = {
        signal: abort.signal,
        steps(steps) {
          row.steps = structuredClone(steps);
          sendSoon(entry);
        },
        device(id) {
          row.device = id;
        },
      };
      const run = async (): Promise<Job> => {
        try {
          row.result = await work(context);
          row.state = 'done';
        } catch (thrown) {
          const error = toMusterError(thrown);
          row.state = abort.signal.aborted || error.code === 'CANCELLED' ? 'cancelled' : 'failed';
          row.error = row.state === 'failed' ? errorToWire(error) : null;
          for (const step of row.steps) if (step.state === 'running') step.state = 'failed';
        }
        row.endedAt = clock.wall();
        send(entry);
        forgetOld();
        return row;
      };
      const entry: Entry = { row, abort, ended: Promise.resolve(row), waiting: null };
      entries.set(id, entry);
      send(entry);
      entry.ended = run();
      return id;
    },
    cancel(id) {
      known(id).abort.abort(new MusterError('CANCELLED', 'cancelled by a person'));
    },
    snapshot: () => [...entries.values()].map((entry) => structuredClone(entry.row)),
    ended: (id) => known(id).ended,
    async close() {
      for (const { abort } of entries.values()) abort.abort(new MusterError('CANCELLED', 'the engine stops'));
      await Promise.all([...entries.values()].map((entry) => entry.ended));
    },
  };
}
