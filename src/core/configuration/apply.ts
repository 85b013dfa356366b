/**
 * Brings a configuration onto one device: has it tried, waits for the device, confirms.
 * Owns: the order of the steps and what a silence means. Refuses: to confirm what it has not seen running; a device
 * that nobody hears of takes the configuration back by itself. Called by the handlers, as the work of a job.
 */
import type { ConfigurationState } from '../../shared/device-configuration-calls.ts';
import type { DeviceContract } from '../../shared/device-contract.ts';
import type { Step } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { Calls } from '../../shared/peer.ts';
import type { Clock } from '../../shared/time.ts';
import { pause } from '../pause.ts';

/** The device waits so long for the confirmation: its restart and our way back to it, ms. */
const CONFIRM_WITHIN_MS = 120_000;
/** After its time has passed the device needs another restart until it can say so, ms. */
const BACK_MS = 60_000;
const LOOK_MS = 500;

export interface ApplyOptions {
  /** The device's calls. Throws, or they reject, while it is not linked. */
  call: () => Calls<DeviceContract>;
  /** A document and the hash of the one it was made from (null: the present one), or a version to go back to. */
  order: { text: string; base: string | null } | { to: string };
  /** Who wants it. */
  by: string;
  clock: Clock;
  signal: AbortSignal;
  onSteps: (steps: Step[]) => void;
}

const TITLES = { try: 'Hand it over', restart: 'Wait for the device', confirm: 'Confirm' } as const;
type StepId = keyof typeof TITLES;

/** Resolves with the hash now in force. Throws as `config.apply` says; CANCELLED leaves it to the device to go back. */
export async function applyConfiguration(options: ApplyOptions): Promise<string> {
  const { call, order, by } = options;
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
  const isRunning = hash === present ? 'there already' : await comeBack(options, hash);
  tell('confirm');
  if (isRunning === 'on trial') await call().confirmConfiguration({ hash });
  tell(null);
  return hash;
}

/** Waits until the device runs on `hash`. */
async function comeBack(
  { call, clock, signal }: ApplyOptions,
  hash: string,
): Promise<'on trial' | 'there already'> {
  const end = clock.monotonic() + CONFIRM_WITHIN_MS + BACK_MS;
  while (clock.monotonic() < end) {
    await pause(clock, LOOK_MS, signal);
    if (signal.aborted) throw new MusterError('CANCELLED', 'cancelled: the device goes back by itself', {});
    const state = await lookAt(call);
    if (!state) continue;
    const { trial, history } = state;
    if (trial?.hash === hash) {
      if (trial.running) return 'on trial';
      continue;
    }
    // its trial was ended by another end of a trial to go back to
    if (state.hash === hash) return 'there already';
    const newest = history.findLast((version) => version.hash === hash);
    const why = newest?.why ?? 'the device says no more';
    throw new MusterError('CONFIG_TAKEN_BACK', why, { reason: why });
  }
  throw new MusterError('TIMEOUT', 'the device was not heard of again', {});
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
    detail: id === now ? detail : null,
    state: i < at ? 'done' : i === at ? 'running' : 'waiting',
    done: null,
    total: null,
    rate: null,
  }));
}
