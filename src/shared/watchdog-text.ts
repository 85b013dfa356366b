/** The hardware watchdog in two words. */
import type { Watchdog } from './device-contract.ts';

/** `armed, 15 s`, `not armed`, `none`; null when the device does not tell. */
export function watchdogText(watchdog: Watchdog | undefined): string | null {
  switch (watchdog?.state) {
    case 'armed':
      return watchdog.timeoutS === null ? 'armed' : `armed, ${watchdog.timeoutS} s`;
    case 'not-armed':
      return 'not armed';
    case 'none':
      return 'none';
    default:
      return null;
  }
}
