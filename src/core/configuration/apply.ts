/**
 * Brings a configuration onto one device: has it tried, waits for the device and for what worked before, confirms.
 * Owns: the order of the steps, how long is waited, what a silence means. Refuses: to confirm what it has not seen
 * running, and, unless told to keep it, one under which something stopped working; a device that nobody hears of takes
 * the configuration back by itself. Called by the handlers, as the work of a job.
 */
import type { ConfigurationState } from '../../shared/device-configuration-calls.ts';
import type { DeviceContract } from '../../shared/device-contract.ts';
import type { Step } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { Calls } from '../../shared/peer.ts';
import type { Clock } from '../../shared/time.ts';
import { pause } from '../../shared/pause.ts';

/** The device waits so long for the confirmation: its restart and our way back to it, ms. */
const CONFIRM_WITHIN_MS = 120_000;
/** After its time has passed the device needs another restart until it can say so, ms. */
const BACK_MS = 60_000;
/** What worked before has so long to work again, as under firmware on trial, ms. */
const SETTLE_MS = 60_000;
/** What is new has so long, and all where it is kept in any case; then it is told of, ms. */
const NEW_MS = 10_000;
const LOOK_MS = 500;

export interface ApplyOptions {
  /** The device's calls. Throws, or they reject, while it is not linked. */
  call: () => Calls<DeviceContract>;
  /** A document and the hash of the one it was made from (null: the present one), or a version to go back to. */
  order: { text: string; base: string | null } | { to: string };
  /** Keeps it even when something that worked before does not. */
  keep: boolean;
  /** Who wants it. */
  by: string;
  clock: Clock;
  signal: AbortSignal;
  onSteps: (steps: Step[]) => void;
}

const TITLES = {
  try: 'Hand it over',
  restart: 'Wait for the device',
  work: 'Wait for its sensors and outputs',
  confirm: 'Confirm',
} as const;
type StepId = keyof typeof TITLES;

type Shown = NonNullable<NonNullable<ConfigurationState['trial']>['shows']>;

export interface Applied {
  /** What is in force now. */
  hash: string;
  /** What does not work under it, in words; null when all does. */
  note: string | null;
}

/** Throws as `config.apply` says; CANCELLED leaves it to the device to go back. */
export async function applyConfiguration(options: ApplyOptions): Promise<Applied> {
  const { call, order, by, keep } = options;
  const tell = (now: StepId | null, detail: string | null = null) => options.onSteps(stepsAt(now, detail));
  tell('try');
  const { hash: present } = await call().configuration({});
  let hash: string;
  if ('to' in order) {
    hash = order.to;
    if (hash !== present)
      await call().revertConfiguration({ to: hash, by, confirmWithinMs: CONFIRM_WITHIN_MS });
  } else {
    const { text, base } = order;
    const terms = { base: base ?? present, by, confirmWithinMs: CONFIRM_WITHIN_MS };
    ({ hash } = await call().tryConfiguration({ text, ...terms }));
  }
  tell('restart', 'it comes back with the configuration before unless this laptop finds it again');
  const shown = hash === present ? null : await proof(options, hash, (what) => tell('work', what));
  if (shown?.unmet && !keep) {
    const reason = shown.unmet;
    await goBack(options, present, reason);
    throw new MusterError('CONFIG_TAKEN_BACK', reason, { reason, demand: reason });
  }
  tell('confirm');
  if (shown) await call().confirmConfiguration({ hash });
  const note = shown && noteOf(shown);
  tell(null, note);
  return { hash, note };
}

/**
 * Waits until the device runs on `hash` and works, or has had the time to; what it showed last. Null when there is no
 * trial to confirm.
 */
async function proof(
  { call, keep, clock, signal }: ApplyOptions,
  hash: string,
  tell: (what: string) => void,
): Promise<Shown | null> {
  const end = clock.monotonic() + CONFIRM_WITHIN_MS + BACK_MS;
  let since: number | null = null;
  while (clock.monotonic() < end) {
    await pause(clock, LOOK_MS, signal);
    if (signal.aborted) throw new MusterError('CANCELLED', 'cancelled: the device goes back by itself', {});
    const state = await lookAt(call);
    if (!state) continue;
    const { trial, history } = state;
    if (trial?.hash !== hash) {
      // its trial was ended by another end of a trial to go back to
      if (state.hash === hash) return null;
      const newest = history.findLast((version) => version.hash === hash);
      const why = newest?.why ?? 'the device says no more';
      throw new MusterError('CONFIG_TAKEN_BACK', why, { reason: why });
    }
    if (!trial.running) continue;
    // an older daemon does not tell
    const shown = trial.shows ?? { unmet: null, silent: [] };
    const now = clock.monotonic();
    since ??= now;
    const isDemanded = shown.unmet !== null && !keep;
    const waitMs = isDemanded ? SETTLE_MS : noteOf(shown) === null ? 0 : NEW_MS;
    if (now - since >= waitMs) return shown;
    tell(noteOf(shown) ?? '');
  }
  throw new MusterError('TIMEOUT', 'the device was not heard of again', {});
}

/** Has the device go back and sees it there; if it does not hear of it, its own time ends the trial. */
async function goBack({ call, by, clock, signal }: ApplyOptions, to: string, why: string): Promise<void> {
  const terms = { to, by, confirmWithinMs: CONFIRM_WITHIN_MS, why: why.slice(0, 400) };
  await call()
    .revertConfiguration(terms)
    .catch(() => {});
  const end = clock.monotonic() + CONFIRM_WITHIN_MS + BACK_MS;
  while (clock.monotonic() < end && !signal.aborted) {
    const state = await lookAt(call);
    if (state?.hash === to && !state.trial) return;
    await pause(clock, LOOK_MS, signal);
  }
}

/** So much that does not work is named, the rest is counted. */
const NAMED = 5;

/** What does not work, in words; null when all does. */
function noteOf({ unmet, silent }: Shown): string | null {
  const words = silent
    .slice(0, NAMED)
    .map(
      ({ kind, id, why }) =>
        `${kind} ${id} ${kind === 'sensor' ? 'does not read' : 'is not held'}: ${why ?? 'nothing was heard of it yet'}`,
    );
  if (unmet !== null) words.unshift(unmet);
  if (silent.length > NAMED) words.push(`and ${silent.length - NAMED} more`);
  return words.length > 0 ? words.join('; ') : null;
}

/** Null while the device cannot be asked. */
async function lookAt(call: ApplyOptions['call']): Promise<ConfigurationState | null> {
  try {
    return await call().configuration({});
  } catch {
    return null;
  }
}

/** All steps while `now` runs; null: all are done. */
function stepsAt(now: StepId | null, detail: string | null): Step[] {
  const ids = Object.keys(TITLES) as StepId[];
  const at = now === null ? ids.length : ids.indexOf(now);
  return ids.map((id, i) => ({
    id,
    title: TITLES[id],
    detail: id === (now ?? 'confirm') ? detail : null,
    state: i < at ? 'done' : i === at ? 'running' : 'waiting',
    done: null,
    total: null,
    rate: null,
  }));
}
