/**
 * Keeps what the run believes of wall time: looks at the machine's clock, takes offers of laptops.
 * Owns: the belief, and that every change of it is in the journal before anybody hears of it. Refuses: to set the
 * machine's clock (it has no right to), and to take a step of a synchronised clock for the time service's work when
 * that has not set it anew: a hand did. Called by the daemon; clock-belief.ts decides.
 */
import type {
  ClockBelief,
  ClockEvent,
  ClockObservation,
  DeviceContract,
} from '../../src/shared/device-contract.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Calls } from '../../src/shared/peer.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClockEvidence } from '../platform/device-clock.ts';
import { better, NOT_BEFORE_MS, stepped } from './clock-belief.ts';

type Offer = Parameters<Calls<DeviceContract>['offerTime']>[0];
type Verdict = Awaited<ReturnType<Calls<DeviceContract>['offerTime']>>;

export interface ClockKeeperOptions {
  clock: Clock;
  /** Who set the machine's clock, as far as the machine shows. */
  evidence: () => ClockEvidence;
  log: Log;
}

/** A look at the machine's clock. */
interface Sight {
  seen: Omit<ClockObservation, 'run'>;
  belief: ClockBelief;
  /** When the time service last set the clock, by that clock. */
  syncedAt: number | null;
}

export class ClockKeeper {
  readonly #options: ClockKeeperOptions;
  #belief: ClockBelief;
  #begun = false;
  #last: Sight;
  /** Sign of the time service that a step by hand has made worthless. */
  #doubted: number | null = null;
  #changes = 0;
  /** When the last look was over and kept, monotonic ms. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ClockKeeperOptions) {
    this.#options = options;
    this.#last = this.#look();
    this.#belief = this.#last.belief;
  }

  get belief(): ClockBelief {
    return this.#belief;
  }

  /** Changes of the belief so far. */
  get changes(): number {
    return this.#changes;
  }

  /** Begins a run in `journal` and answers its number. A run of this boot before it hands its belief on. */
  begin(journal: Journal, bootId: string): Promise<number> {
    return this.#inTurn(async () => {
      const kept = this.#begun ? this.#belief : await journal.bootClock(bootId);
      // a clock that stands before its own last synchronisation was set back since
      const { syncedAt, seen } = this.#look();
      if (kept && syncedAt !== null && syncedAt > seen.wallMs + 1000) this.#doubted = syncedAt;
      const sight = this.#look();
      const after = kept ? better(kept, sight.belief) : sight.belief;
      const run = await journal.beginRun(bootId, kept ?? after);
      await this.#note(journal, run, kept ?? after, after, sight.seen);
      this.#last = sight;
      this.#begun = true;
      return run;
    });
  }

  /**
   * Looks at the machine's clock, unless that has just been done and it was not set since. Rejects with JOURNAL_FAILED: then the next look
   * sees the same again.
   */
  look(journal: Journal, run: number): Promise<void> {
    return this.#inTurn(async () => {
      const { clock } = this.#options;
      const now = { ...this.#last.belief, offsetMs: clock.wall() - clock.monotonic() };
      const isFresh = clock.monotonic() - this.#lookedAt < FRESH_MS;
      if (isFresh && !stepped(this.#last.belief, now)) return;
      await this.#lookAnew(journal, run);
      this.#lookedAt = clock.monotonic();
    });
  }

  async #lookAnew(journal: Journal, run: number): Promise<void> {
    const last = this.#last;
    const first = this.#look();
    const moved = stepped(last.belief, first.belief);
    if (moved && first.syncedAt !== null && first.syncedAt === last.syncedAt) this.#doubted = first.syncedAt;
    const sight = this.#look();
    if (!moved && sight.seen.source === last.seen.source) {
      this.#last = { ...last, syncedAt: sight.syncedAt };
      return;
    }
    await this.#note(journal, run, this.#belief, better(this.#belief, sight.belief), sight.seen);
    this.#last = sight;
  }

  /** A laptop's time, halfway through its journey here. */
  offer(journal: Journal, run: number, { wallMs, roundTripMs, by }: Offer): Promise<Verdict> {
    const monotonicMs = this.#options.clock.monotonic();
    return this.#inTurn(async () => {
      const before = this.#belief;
      const seen = {
        monotonicMs,
        wallMs: wallMs + roundTripMs / 2,
        source: 'laptop' as const,
        by: by ?? null,
      };
      const offered = beliefOf(seen);
      const answer = (verdict: Verdict['verdict']): Verdict => ({
        verdict,
        ...this.#belief,
        movedMs: this.#belief.offsetMs - before.offsetMs,
      });
      if (seen.wallMs < NOT_BEFORE_MS) return answer('implausible');
      const after = better(before, offered, Math.max(roundTripMs / 2, LAPTOP_MS));
      if (after === before) return answer(before.clock === 'laptop' ? 'agrees' : 'has-better');
      await this.#note(journal, run, before, after, seen);
      return answer('taken');
    });
  }

  #look(): Sight {
    const { clock, evidence } = this.#options;
    const { source, syncedAt } = evidence();
    const wallMs = clock.wall();
    const isDoubted = syncedAt !== null && syncedAt === this.#doubted;
    const unset = wallMs < NOT_BEFORE_MS || isDoubted;
    const seen = {
      monotonicMs: clock.monotonic(),
      wallMs,
      source: unset ? ('none' as const) : source,
      by: null,
    };
    return { seen, belief: beliefOf(seen), syncedAt };
  }

  async #note(
    journal: Journal,
    run: number,
    before: ClockBelief,
    after: ClockBelief,
    seen: Omit<ClockObservation, 'run'>,
  ): Promise<void> {
    const { monotonicMs, source } = seen;
    const why: ClockEvent['why'] =
      source === 'laptop' ? 'laptop' : source === 'ntp' ? 'time-service' : 'system-clock';
    const changed = after.clock !== before.clock || after.offsetMs !== before.offsetMs;
    const event = changed ? { monotonicMs, before, after, why } : null;
    await journal.observeClock(run, after, { seen, event });
    this.#belief = after;
    if (changed) {
      this.#changes++;
      const byMs = Math.round(after.offsetMs - before.offsetMs);
      const back = byMs < 0;
      this.#options.log(back ? 'warn' : 'info', `wall time was set${back ? ' back' : ''}`, {
        byMs,
        clock: after.clock,
        why,
        by: seen.by,
      });
    } else if (stepped(beliefOf(seen), after))
      this.#options.log('warn', 'the machine shows another time, which is not taken', {
        byMs: Math.round(seen.wallMs - monotonicMs - after.offsetMs),
        clock: source,
        kept: after.clock,
      });
  }

  /** One after the other: each decides on what the one before has kept. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}

/** How long a look holds, ms: who says hello over and over does not have the machine's files read each time. */
const FRESH_MS = 100;
/** Two laptops that agree to this are one clock, ms. */
const LAPTOP_MS = 250;

function beliefOf({ monotonicMs, wallMs, source }: Omit<ClockObservation, 'run'>): ClockBelief {
  return { offsetMs: wallMs - monotonicMs, clock: source };
}
