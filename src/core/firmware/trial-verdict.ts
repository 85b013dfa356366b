/** What a device's own account says about one firmware: still at it, or how it ended. Pure. */
import type { FirmwareState } from '../../shared/firmware.ts';
import type { Ending, Progress } from './target.ts';

/** `undecided`: no trace of it; may still come while the daemon that was asked has not restarted. */
export type Verdict =
  | { type: 'restarting' | 'undecided' }
  | { type: 'trial'; progress: Progress }
  | { type: 'ended'; ending: Ending };

/**
 * Judges by the hash of the manifest alone, never by a version. `restarted`: the daemon that tells is another one
 * than the one that was asked to install; null when nobody knows (another life of the engine).
 */
export function judge(state: FirmwareState, manifest: string, restarted: boolean | null): Verdict {
  const { trial, last } = state;
  const running = state.slots.find(({ slot }) => slot === state.running);
  if (trial?.manifest === manifest) {
    if (trial.slot !== state.running) return { type: 'restarting' };
    const open = trial.gates.filter(({ met }) => !met);
    const words = open.map(({ title, detail }) => (detail === null ? title : `${title} (${detail})`));
    const secondsLeft = Math.max(0, Math.ceil(trial.remainingMs / 1000));
    const detail = words.length > 0 ? words.join(', ') : null;
    return { type: 'trial', progress: { trial: true, detail, secondsLeft } };
  }
  if (!trial && running?.manifest === manifest) return ended('confirmed', null);
  // an account of an earlier try, while the daemon has not restarted yet, says nothing about this one
  const fresh = restarted !== false;
  if (fresh && last?.manifest === manifest && last.outcome === 'rolled-back')
    return ended('rolled-back', last.reason);
  return restarted === true && !trial ? ended('untouched', null) : { type: 'undecided' };
}

function ended(end: Ending['end'], reason: string | null): Verdict {
  return { type: 'ended', ending: { end, reason } };
}
