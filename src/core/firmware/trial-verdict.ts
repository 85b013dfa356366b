/** What a device's own account says about one firmware: still at it, or how it ended. Pure. */
import type { FirmwareState } from '../../shared/firmware.ts';
import type { Ending, Progress } from './target.ts';

/** `undecided`: in between, or no trace of it yet. */
export type Verdict =
  | { type: 'undecided' }
  | { type: 'trial'; progress: Progress }
  | { type: 'ended'; ending: Ending };

export interface Circumstances {
  /**
   * The daemon that tells is another one than the one that was asked to install, so that its account is of this try;
   * null when nobody knows (another life of the engine).
   */
  restarted: boolean | null;
  /** It has said that it will install and restart; false when its answer was lost, or nobody knows. */
  answered: boolean;
  /** It has told of nothing in particular for so long that nothing more will come. */
  patienceEnded: boolean;
}

/** Judges by the hash of the manifest alone, never by a version. */
export function judge(state: FirmwareState, manifest: string, circumstances: Circumstances): Verdict {
  const { trial, last } = state;
  const { restarted, answered, patienceEnded } = circumstances;
  const runsIt = state.slots.some((slot) => slot.slot === state.running && slot.manifest === manifest);
  const outcome = last?.manifest === manifest ? last.outcome : null;
  if (trial) {
    if (trial.manifest !== manifest) return { type: 'undecided' };
    const open = trial.gates.filter(({ met }) => !met);
    const words = open.map(({ title, detail }) => (detail === null ? title : `${title} (${detail})`));
    const secondsLeft = Math.max(0, Math.ceil(trial.remainingMs / 1000));
    const detail = words.length > 0 ? words.join(', ').slice(0, 400) : null;
    return { type: 'trial', progress: { trial: true, detail, secondsLeft } };
  }
  if (runsIt) {
    // a daemon that has just given its trial up still runs it, without having written that down
    return outcome === 'confirmed' || patienceEnded ? ended('confirmed', null) : { type: 'undecided' };
  }
  if (restarted !== false && outcome === 'rolled-back') return ended('rolled-back', last?.reason ?? null);
  if (restarted === true) return ended('untouched', null);
  if (!patienceEnded) return { type: 'undecided' };
  return answered ? ended('failed', 'it did not restart into the new version') : ended('untouched', null);
}

function ended(end: Ending['end'], reason: string | null): Verdict {
  return { type: 'ended', ending: { end, reason } };
}
