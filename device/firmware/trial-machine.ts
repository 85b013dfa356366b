/**
 * When firmware on trial is kept and when it is given up. Pure: (state, event) → (state, actions).
 * It is kept once all demands have been met without a break for `steadyMs` and a laptop has said hello, or `graceMs`
 * have passed without one. It is given up when a demand stays unmet for `settleMs`, or at `trialMs`. The boot guard
 * gives it up as well when it ends by itself, and some time after `trialMs` when nothing was decided: it hangs then.
 */

/** All ms. */
export interface TrialLimits {
  trialMs: number;
  graceMs: number;
  steadyMs: number;
  settleMs: number;
}

/** Times are ms since the daemon's start. */
export interface TrialState {
  phase: 'proving' | 'over';
  /** Since when all demands have been met; null while one is not. */
  wellSinceMs: number | null;
  /** Since when one is not; null while all are. */
  unwellSinceMs: number | null;
  greeted: boolean;
}

export type TrialEvent =
  | { kind: 'greeted' }
  /** A look at all demands. `unmet`: the first that is not met, in words. */
  | { kind: 'looked'; atMs: number; unmet: string | null }
  /** A person has had enough of it. */
  | { kind: 'given-up'; reason: string };

export type TrialAction = { kind: 'confirm'; reason: string } | { kind: 'roll-back'; reason: string };

export const TRIAL_START: TrialState = {
  phase: 'proving',
  wellSinceMs: null,
  unwellSinceMs: null,
  greeted: false,
};

export function trialStep(
  state: TrialState,
  event: TrialEvent,
  limits: TrialLimits,
): [TrialState, TrialAction[]] {
  if (state.phase === 'over') return [state, []];
  if (event.kind === 'greeted') return [{ ...state, greeted: true }, []];
  if (event.kind === 'given-up') return over(state, { kind: 'roll-back', reason: event.reason });
  const { atMs, unmet } = event;
  const next: TrialState = {
    ...state,
    wellSinceMs: unmet === null ? (state.wellSinceMs ?? atMs) : null,
    unwellSinceMs: unmet === null ? null : (state.unwellSinceMs ?? atMs),
  };
  if (next.wellSinceMs !== null && atMs - next.wellSinceMs >= limits.steadyMs) {
    if (next.greeted) return over(next, { kind: 'confirm', reason: 'healthy, and a laptop has seen it' });
    if (atMs >= limits.graceMs)
      return over(next, {
        kind: 'confirm',
        reason: `healthy for ${words(atMs - next.wellSinceMs)}, no laptop came`,
      });
  }
  if (unmet !== null && next.unwellSinceMs !== null) {
    const lasted = atMs - next.unwellSinceMs;
    if (lasted >= limits.settleMs)
      return over(next, { kind: 'roll-back', reason: `${unmet} for ${words(lasted)}` });
  }
  if (atMs >= limits.trialMs) {
    const why = unmet ?? 'it did not stay healthy';
    return over(next, { kind: 'roll-back', reason: `${why} when ${words(limits.trialMs)} were over` });
  }
  return [next, []];
}

function over(state: TrialState, action: TrialAction): [TrialState, TrialAction[]] {
  return [{ ...state, phase: 'over' }, [action]];
}

function words(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
}
