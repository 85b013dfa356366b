/**
 * Firmware proving itself: looks every second, asks the machine, does what it says.
 * Owns: confirming (the only mover of `current`) and giving up. Refuses: to decide; trial-machine.ts does. A step that
 * the disk refuses is tried again at the next look, as long as the trial lasts; then the boot guard ends it.
 */
import { toMusterError } from '../../src/shared/errors.ts';
import type { Trial as TrialRow } from '../../src/shared/firmware.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { unmetDemand, type Observed } from '../health/demands.ts';
import { gates } from './gates.ts';
import type { FilledSlot } from './slots.ts';
import type { Expected } from './trial-files.ts';
import {
  TRIAL_START,
  trialStep,
  type TrialEvent,
  type TrialLimits,
  type TrialState,
} from './trial-machine.ts';

export interface TrialOptions {
  slot: FilledSlot;
  expected: Expected;
  limits: TrialLimits;
  clock: Clock;
  log: Log;
  observe: () => Promise<Observed>;
  /** Makes the slot the one that is started from now on. */
  confirm: (reason: string) => Promise<void>;
  /** Gives it up and restarts. */
  rollBack: (reason: string) => Promise<void>;
}

/** Between two looks, ms. */
const LOOK_MS = 1000;
/** A look that takes longer has found a part that hangs, ms. */
const LOOK_TIMEOUT_MS = 5000;

export class Trial {
  readonly #options: TrialOptions;
  readonly #bornAt: number;
  #state: TrialState = TRIAL_START;
  #seen: Observed | null = null;
  #over = false;
  #cancel: () => void;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#bornAt = options.clock.monotonic();
    this.#cancel = options.clock.after(this.#everyMs, () => void this.#look());
  }

  /** True once what was decided has been carried out. */
  get over(): boolean {
    return this.#over;
  }

  row(): TrialRow {
    const { slot, expected, limits } = this.#options;
    return {
      slot: slot.slot,
      version: slot.version,
      manifest: slot.manifest,
      gates: gates(this.#seen, expected, this.#state, limits, this.#ageMs),
      remainingMs: Math.max(0, limits.trialMs - this.#ageMs),
    };
  }

  /** True when the last look found nothing unmet. */
  get well(): boolean {
    return this.#state.wellSinceMs !== null;
  }

  /** A laptop has said hello. */
  greeted(): void {
    this.#state = trialStep(this.#state, { kind: 'greeted' }, this.#options.limits)[0];
  }

  /** A person has had enough of it. */
  giveUp(reason: string): Promise<void> {
    return this.#take({ kind: 'given-up', reason });
  }

  /** No more looks: the daemon ends. */
  stop(): void {
    this.#state = { ...this.#state, phase: 'over' };
    this.#over = true;
    this.#cancel();
  }

  get #ageMs(): number {
    return this.#options.clock.monotonic() - this.#bornAt;
  }

  /** Often enough for the shortest demand. */
  get #everyMs(): number {
    return Math.min(LOOK_MS, this.#options.limits.steadyMs / 4);
  }

  async #look(): Promise<void> {
    const { clock, observe, expected, log } = this.#options;
    let unmet: string | null = 'a part of it did not answer';
    try {
      this.#seen = await inTime(observe(), clock);
      unmet = unmetDemand(this.#seen, expected);
    } catch (thrown) {
      this.#seen = null;
      log('warn', 'the trial could not be looked at', { why: toMusterError(thrown).message });
    }
    await this.#take({ kind: 'looked', atMs: this.#ageMs, unmet }).catch((thrown: unknown) =>
      log('error', 'the trial cannot be ended', { why: toMusterError(thrown).message }),
    );
    if (!this.over) this.#cancel = clock.after(this.#everyMs, () => void this.#look());
  }

  async #take(event: TrialEvent): Promise<void> {
    const { limits, log, confirm, rollBack } = this.#options;
    const before = this.#state;
    const [next, actions] = trialStep(before, event, limits);
    this.#state = next;
    for (const { kind, reason } of actions) {
      try {
        log(kind === 'confirm' ? 'info' : 'error', `firmware on trial: ${kind}`, { why: reason });
        await (kind === 'confirm' ? confirm(reason) : rollBack(reason));
        this.#over = true;
      } catch (thrown) {
        this.#state = before;
        throw thrown;
      }
    }
  }
}

function inTime<T>(work: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(LOOK_TIMEOUT_MS, () =>
      reject(new Error(`no answer in ${LOOK_TIMEOUT_MS / 1000} s`)),
    );
    work.then(resolve, reject).finally(cancel);
  });
}
