/**
 * The root's side of the process that holds the outputs: takes over from one that a killed root left behind, starts a
 * new one, listens for its beat and kills it when that stops. A child like any other: its supervisor brings it back,
 * and the new one begins by putting all outputs to their safe values.
 * Owns: that there is never a second one on the lines. Refuses: to know what an output is at (outputs.ts does).
 */
import { readFileSync, rmSync } from 'node:fs';
import { MusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { readCellFile } from '../host/cell.ts';
import { openHostLink, type HostExit } from '../host/host-link.ts';
import { KILLED, SHUTDOWN, type Child, type ChildSpec, type ExitReason } from '../otp/child.ts';
import { processArguments, processFacts } from '../platform/process-facts.ts';
import type { HeldLines } from './held-lines.ts';
import type { LastValues } from './last-values.ts';
import type { Outputs } from './outputs.ts';
import {
  BEAT_MS,
  packed,
  unpacked,
  type OutputDeed,
  type OutputsHostPlan,
  type OutputsOrder,
  type OutputsWord,
  type TimedNote,
} from './outputs-messages.ts';

export interface OutputsHostOptions {
  plan: Omit<OutputsHostPlan, 'last' | 'why'>;
  last: LastValues;
  held: HeldLines;
  outputs: Outputs;
  /** File that says which process it is. */
  cellPath: string;
  /** Program file that knows the command `outputs <cell>`. */
  entry: URL;
  memoryMb: number;
}

/** A host that is silent for this long is killed, ms. */
const SILENCE_MS = 2000;
/** How long one may take from its start to its first word, ms. */
const START_MS = 20_000;
/** How long the one of a killed root may take to hand over, ms. */
const HANDOVER_MS = 1000;

/** The child. All lines are held, and are what their policies say, when its start has succeeded. */
export function outputsHostSpec(options: OutputsHostOptions): ChildSpec {
  let starts = 0;
  return {
    id: 'outputs',
    shutdown: 5000,
    // it sees to that itself: a start that fails must not keep the daemon from starting
    startTimeoutMs: 'infinity',
    async start({ clock, log }) {
      const { cellPath } = options;
      await endEarlier(cellPath, clock, log);
      adoptOrphans(options.plan.orphans, options.outputs);
      const { entry, memoryMb } = options;
      const link = await openHostLink({
        mode: 'process',
        command: 'outputs',
        entry,
        cellPath,
        memoryMb,
        clock,
        log,
      });
      const why = starts++ === 0 ? 'boot' : 'host';
      const plan = { ...options.plan, last: options.last.values, why } as const;
      const host = new OutputsHost(link, plan, options.outputs, clock);
      await host.begun;
      options.held.settle();
      return host;
    },
  };
}

class OutputsHost implements Child {
  readonly exited: Promise<ExitReason>;
  readonly begun: Promise<void>;
  readonly #link: Awaited<ReturnType<typeof openHostLink>>;
  readonly #outputs: Outputs;
  readonly #clock: Clock;
  readonly #asked = new Map<
    number,
    { resolve: (refused: string | null) => void; reject: (error: MusterError) => void }
  >();
  readonly #begun = Promise.withResolvers<void>();
  #nextId = 0;
  #heardAt: number;
  #end: 'asked' | 'killed' | 'silent' | null = null;
  #cancelLook = (): void => {};

  constructor(
    link: Awaited<ReturnType<typeof openHostLink>>,
    plan: OutputsHostPlan,
    outputs: Outputs,
    clock: Clock,
  ) {
    this.#link = link;
    this.#outputs = outputs;
    this.#clock = clock;
    this.#heardAt = clock.monotonic();
    this.begun = this.#begun.promise;
    this.#cancelLook = clock.after(START_MS, () => this.#silenced());
    link.pipe.onMessage((message) => {
      this.#heardAt = clock.monotonic();
      this.#heard(unpacked(message) as OutputsWord, plan);
    });
    this.exited = link.exited.then((exit) => this.#ended(exit));
  }

  shutdown(): void {
    this.#end ??= 'asked';
    this.#order({ order: 'stop' });
  }

  kill(): void {
    this.#end ??= 'killed';
    this.#link.kill();
  }

  #heard(word: OutputsWord, plan: OutputsHostPlan): void {
    switch (word.word) {
      case 'ready':
        return this.#order({ order: 'begin', plan });
      case 'beat':
        return this.#outputs.beat();
      case 'held': {
        this.#outputs.held(word.slots, word.notes);
        this.#outputs.attach((deed) => this.#ask(deed));
        this.#begun.resolve();
        if (this.#end === null) this.#lookSoon();
        return;
      }
      case 'done':
        this.#asked.get(word.id)?.resolve(word.refused);
        this.#asked.delete(word.id);
    }
  }

  #ask(deed: OutputDeed): Promise<string | null> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) return reject(gone());
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      this.#order({ order: 'do', id, deed });
    });
  }

  #order(order: OutputsOrder): void {
    try {
      this.#link.pipe.send(packed(order));
    } catch {
      // its end is on the way
    }
  }

  #lookSoon(): void {
    this.#cancelLook();
    const due = this.#clock.monotonic() + BEAT_MS;
    this.#cancelLook = this.#clock.after(BEAT_MS, () => {
      const now = this.#clock.monotonic();
      // who was late itself has not yet read what was sent meanwhile
      if (now - due < BEAT_MS && now - this.#heardAt >= SILENCE_MS && this.#end === null) this.#silenced();
      else this.#lookSoon();
    });
  }

  #silenced(): void {
    this.#end ??= 'silent';
    this.#link.kill();
  }

  #ended({ code, signal, said }: HostExit): ExitReason {
    this.#cancelLook();
    this.#link.release();
    this.#outputs.detach();
    for (const { reject } of this.#asked.values()) reject(gone());
    this.#asked.clear();
    const how = said || (signal ? `ended by ${signal}` : `ended with code ${code}`);
    const words = this.#end === 'silent' ? `it gave no sign of life` : how;
    const error = new MusterError('HOST_FAILED', `the process that holds the outputs: ${words}`, {
      host: 'outputs',
    });
    this.#begun.reject(error);
    // nobody waits for the beginning of one that has begun
    this.begun.catch(() => {});
    if (this.#end === 'asked') return SHUTDOWN;
    if (this.#end === 'killed') return KILLED;
    return { kind: 'error', error };
  }
}

function gone(): MusterError {
  return new MusterError('HOST_FAILED', 'the process that holds the outputs has ended', { host: 'outputs' });
}

/** Has the host of an earlier root hand its lines over; one that does not is killed. Only a process with that very cell. */
export async function endEarlier(cellPath: string, clock: Clock, log: Log): Promise<void> {
  const { pid } = readCellFile(cellPath);
  const isThere = (): boolean =>
    pid > 0 && processArguments(pid).includes(cellPath) && processFacts(pid)?.state !== 'Z';
  if (!isThere()) return;
  log('warn', 'takes the outputs over from an earlier daemon', { pid });
  signal(pid, 'SIGTERM');
  const end = clock.monotonic() + HANDOVER_MS;
  while (isThere() && clock.monotonic() < end) await new Promise<void>((resolve) => clock.after(10, resolve));
  if (!isThere()) return;
  signal(pid, 'SIGKILL');
  while (isThere()) await new Promise<void>((resolve) => clock.after(10, resolve));
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has just ended by itself
  }
}

/** Takes over what a host kept while it had no root. */
function adoptOrphans(path: string, outputs: Outputs): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  const notes = text.split('\n').flatMap((line): TimedNote[] => {
    try {
      return [JSON.parse(line) as TimedNote];
    } catch {
      return [];
    }
  });
  outputs.orphaned(notes);
  rmSync(path, { force: true });
}
