/**
 * Whether a time service keeps this machine's clock, whichever it is: chrony, ntpd and systemd-timesyncd alike tell the
 * kernel (adjtimex(2)), and the kernel forgets it when a hand sets the clock. Node cannot ask the kernel; systemd's
 * timedatectl can. Owns: when that is asked, and the newest answer. Refuses: to ask where systemd-timesyncd leaves its
 * own sign, or systemd does not run. Called by the daemon's look at the clock.
 */
import { execFile } from 'node:child_process';
import type { Clock } from '../../src/shared/time.ts';
import { TIMESYNCD_SIGN } from './device-clock.ts';
import type { Machine } from './machine.ts';

/** An answer costs two short processes: the question, and timedated, which D-Bus starts for it. */
const ASK_EVERY_MS = 60_000;
const PATIENCE_MS = 10_000;
/** There while systemd is the machine's manager (sd_booted(3)). */
const SYSTEMD_RUNS = 'run/systemd/system';

export interface TimeServiceOptions {
  machine: Machine;
  clock: Clock;
  /** True when the kernel's clock is kept by a service; rejects when nobody can say. */
  ask?: () => Promise<boolean>;
}

export class TimeService {
  readonly #options: Required<TimeServiceOptions>;
  #askedAt = Number.NEGATIVE_INFINITY;
  #syncedAt: number | null = null;

  constructor(options: TimeServiceOptions) {
    this.#options = { ask: askTimedatectl, ...options };
  }

  /** When the clock was last seen to be kept, epoch ms by that clock; null when it is not, or nobody says so. */
  get syncedAt(): number | null {
    return this.#syncedAt;
  }

  /** Asks again where it is time to. The answer counts when it has come; nobody waits for it. */
  look(): void {
    const { ask, clock, machine } = this.#options;
    if (clock.monotonic() - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = clock.monotonic();
    if (machine.modifiedMs(TIMESYNCD_SIGN) !== null || machine.modifiedMs(SYSTEMD_RUNS) === null) {
      this.#syncedAt = null;
      return;
    }
    ask().then(
      (isKept) => (this.#syncedAt = isKept ? clock.wall() : null),
      // no D-Bus, no timedated: as on a machine without a time service
      () => (this.#syncedAt = null),
    );
  }
}

/** org.freedesktop.timedate1(5): NTPSynchronized shows "whether the kernel reports the time as synchronized". */
function askTimedatectl(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const question = ['show', '--property=NTPSynchronized', '--value'];
    execFile('timedatectl', question, { timeout: PATIENCE_MS }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.trim() === 'yes');
    });
  });
}
