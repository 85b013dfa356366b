/**
 * Sensors that brought their host down: how often, and which are left out until when.
 * Owns: the count. A sensor may bring its host down `intensity` times in `periodMs`; the next time it is left out for
 * `retryMs`, then tried again; bringing the host down within `periodMs` of that leaves it out at once.
 * Refuses: clocks and effects; times come in as monotonic ms. Called by host.ts; outlives restarts of the host.
 */
import { addRestart, EMPTY_WINDOW, type RestartWindow } from '../otp/restart-window.ts';

export interface QuarantineLimits {
  intensity: number;
  periodMs: number;
  retryMs: number;
}

/** What is known of one sensor that brought its host down. */
export interface Strikes {
  count: number;
  cause: string;
  /** When it is tried again; null when it is not left out. */
  retryAt: number | null;
}

interface Kept extends Strikes {
  window: RestartWindow;
  /** When it was last tried again; null before. */
  triedAt: number | null;
}

export class Quarantine {
  readonly #limits: QuarantineLimits;
  readonly #kept = new Map<string, Kept>();

  constructor(limits: QuarantineLimits) {
    this.#limits = limits;
  }

  /** Counts one end of the host. True when the sensor is left out from now on. */
  strike(sensor: string, now: number, cause: string): boolean {
    const kept = this.#kept.get(sensor) ?? newlyKept();
    const { periodMs, retryMs } = this.#limits;
    const onTrial = kept.triedAt !== null && now - kept.triedAt <= periodMs;
    const { window, allowed } = addRestart(kept.window, sensor, now, this.#limits);
    const out = onTrial || !allowed;
    this.#kept.set(sensor, {
      window: out ? EMPTY_WINDOW : window,
      count: kept.count + 1,
      cause,
      retryAt: out ? now + retryMs : null,
      triedAt: kept.triedAt,
    });
    return out;
  }

  /** Sensors left out now. */
  get out(): string[] {
    return [...this.#kept].flatMap(([sensor, { retryAt }]) => (retryAt === null ? [] : [sensor]));
  }

  /** Sensors to be tried again at `now`; they are no longer left out. */
  takeDue(now: number): string[] {
    return [...this.#kept].flatMap(([sensor, { retryAt }]) => {
      if (retryAt === null || retryAt > now) return [];
      this.readmit(sensor, now);
      return [sensor];
    });
  }

  /** Tries one again now. */
  readmit(sensor: string, now: number): void {
    const kept = this.#kept.get(sensor);
    if (kept) this.#kept.set(sensor, { ...kept, retryAt: null, triedAt: now });
  }

  of(sensor: string): Strikes | undefined {
    return this.#kept.get(sensor);
  }
}

function newlyKept(): Kept {
  return { window: EMPTY_WINDOW, count: 0, cause: '', retryAt: null, triedAt: null };
}
