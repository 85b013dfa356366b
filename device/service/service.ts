/**
 * The daemon as a service of systemd: says when it is ready, how it does, that it lives, that it stops.
 * Owns: feeding the watchdog, while the root loop, the journal and the control socket answer. Refuses: to know what
 * they are; it is given the questions. Started by the tree as its last child, so that `ready` means all of it.
 */
import type { Log } from '../../src/shared/log.ts';
import { startActor, type Actor } from '../otp/actor.ts';
import type { Ticker } from '../otp/ticker.ts';
import type { Notify } from './notify.ts';
import { Vitals, type Ask } from './vitals.ts';
import { reasonNotToFeed } from './watchdog-decision.ts';

export interface ServiceOptions {
  notify: Notify;
  /** Ms between two feedings. */
  everyMs: number;
  /** The questions, by the names of those who must answer. */
  asks: Readonly<Record<string, Ask>>;
  /** How the daemon does, in one line. */
  status: () => string;
  log: Log;
}

/** Starts telling. READY=1 goes with every feeding: it may be lost once, and systemd takes it as often as it comes. */
export function startService({ notify, everyMs, asks, status, log }: ServiceOptions, ticker: Ticker): Actor {
  const vitals = new Vitals(asks, ticker.clock);
  let silent: string | null = null;
  return startActor(
    {
      everyMs,
      onTick() {
        vitals.ask();
        const reason = reasonNotToFeed(vitals.now, ticker.clock.monotonic());
        if (reason === null) notify('READY=1', 'WATCHDOG=1', `STATUS=${status()}`);
        else if (silent === null) {
          log('error', 'the watchdog is no longer fed', { why: reason });
          notify(`STATUS=${reason}`);
        }
        silent = reason;
      },
      onStop: () => notify('STOPPING=1'),
    },
    ticker,
  );
}
