/** What a device says about time, in words for people. */
import type { ClockSource } from './reading.ts';

type Verdict = 'taken' | 'agrees' | 'has-better' | 'implausible';

/** Who set a device's clock. */
export const CLOCK_WORDS: Readonly<Record<ClockSource, string>> = {
  ntp: 'set by the network',
  laptop: 'set from a laptop',
  rtc: 'from its battery clock',
  none: 'not set: times may be wrong',
};

/** What became of this laptop's time. `movedMs`: by how much the times of readings moved, negative when back. */
export function verdictWords(verdict: Verdict, movedMs: number): string {
  switch (verdict) {
    case 'taken':
      return `The device took this laptop’s time${moved(movedMs)}.`;
    case 'agrees':
      return 'The device’s time agrees with this laptop’s: nothing was changed.';
    case 'has-better':
      return 'The device keeps its own time: a time service on the network has set it.';
    case 'implausible':
      return 'The device did not take this laptop’s time: it lies before Muster was written. Set this laptop’s clock first.';
  }
}

function moved(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 100) / 10;
  if (seconds < 1) return '';
  return `, and the times of its readings moved ${seconds.toLocaleString('en')} s ${ms < 0 ? 'back' : 'forward'}`;
}
