/**
 * What became of an update. Pure. The words of fwup and its exit status only say whether to look at the device at all:
 * a status of 0 may be wrong and a lost connection may be the reboot, so the UUID of what runs afterwards decides.
 */
import type { Ending } from '../firmware/target.ts';
import type { SlotState } from './identify.ts';

/** How a session of fwup ended. `committed`: the file was sent to its end, so that fwup could act on it. */
export interface UploadEnd {
  succeeded: boolean;
  /** Null: the connection went first. */
  code: number | null;
  committed: boolean;
}

/**
 * `accepted`: it said so. `unclear`: the device itself must tell. `cut`: the connection went and nothing was changed.
 * `refused`: fwup ended and was not content.
 */
export function judgeUpload({
  succeeded,
  code,
  committed,
}: UploadEnd): 'accepted' | 'unclear' | 'cut' | 'refused' {
  if (succeeded) return 'accepted';
  if (code === null) return committed ? 'unclear' : 'cut';
  return code === 0 && committed ? 'unclear' : 'refused';
}

/** What is known besides the device's own words. */
export interface Watch {
  /** Whether it has restarted since the update was sent; null: that was in another life of the engine. */
  restarted: boolean | null;
  /** Whether fwup said that it succeeded; null: as above. */
  accepted: boolean | null;
  /** True once the new version was seen running. */
  seenNew: boolean;
  /** Since the device is being watched, and since it was first seen with the new version, ms. */
  watchedMs: number;
  newMs: number;
}

export type Verdict =
  | { type: 'wait'; detail: string; secondsLeft: number | null; trial: boolean }
  | { type: 'ended'; ending: Ending };

/** nerves_heart and nerves_runtime's StartupGuard give a new version this long to confirm itself. */
export const GUARD_MS = 15 * 60_000;
/** And this much more until the old one answers again. */
const BOOT_MS = 5 * 60_000;
/** The restart is ordered half a second after `Success!`. */
const RESTART_MS = 120_000;
/** nerves_runtime answers `:unknown` until it has looked. */
const UNTOLD_MS = 30_000;

/** What the state of a device that was reached means for the firmware `wanted` (a UUID). */
export function judgeDevice(state: SlotState, wanted: string, watch: Watch): Verdict {
  const { uuid, otherUuid, validation, version, uptimeMs } = state;
  const { restarted, accepted, seenNew, watchedMs, newMs } = watch;
  if (uuid === null)
    return watchedMs >= GUARD_MS + BOOT_MS
      ? ended('unknown', 'it does not say which firmware it runs')
      : wait('is back and starting', null);
  if (uuid === wanted) {
    if (validation === 'validated') return ended('confirmed', null);
    if (validation === 'unknown')
      return newMs >= UNTOLD_MS
        ? ended('confirmed', 'it does not say whether it is content with it')
        : wait('runs the new version', null, true);
    if (newMs >= GUARD_MS + BOOT_MS)
      return ended(
        'unknown',
        'it runs the new version but has not confirmed it; a restart may bring the old one back',
      );
    return wait('runs the new version and proves itself', (GUARD_MS - newMs) / 1000, true);
  }
  const back = version === null ? 'it runs its old version again' : `it runs ${version} again`;
  const written = otherUuid === wanted;
  if (seenNew) return ended('rolled-back', `the new version did not confirm itself, ${back}`);
  if (restarted === true) {
    return written || (accepted !== false && otherUuid === null)
      ? ended('rolled-back', `the new version did not come up, ${back}`)
      : ended('failed', 'the new version was not written as a whole');
  }
  if (watchedMs < RESTART_MS) return wait('waits for its restart', null);
  if (written) {
    const youngBoot = uptimeMs !== null && uptimeMs < GUARD_MS + BOOT_MS;
    return restarted === null && youngBoot
      ? ended('rolled-back', `the new version did not come up, ${back}`)
      : ended('failed', 'the new version was written, but the device did not restart into it');
  }
  if (accepted === true) return ended('failed', 'it took the new version but does not know of it');
  return ended('untouched', null);
}

/** The end of a device that has not answered for so long; null: to be waited for. */
export function judgeSilence(silentMs: number): Ending | null {
  // one that hangs in the new version is put back by its watchdog, and is then seen again
  const limit = GUARD_MS + BOOT_MS;
  if (silentMs < limit) return null;
  return { end: 'unknown', reason: `it was not seen again for ${limit / 60_000} minutes` };
}

function wait(detail: string, secondsLeft: number | null, trial = false): Verdict {
  return {
    type: 'wait',
    detail,
    secondsLeft: secondsLeft === null ? null : Math.max(0, Math.round(secondsLeft)),
    trial,
  };
}

function ended(end: Ending['end'], reason: string | null): Verdict {
  return { type: 'ended', ending: { end, reason } };
}
