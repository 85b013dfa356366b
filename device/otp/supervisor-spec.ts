/** What a supervisor is told: flags and children, the defaults, and a check that names the bad field before anything starts. */
import { MusterError } from '../../src/shared/errors.ts';
import { type Backoff, leastPeriodMs, type ResolvedBackoff } from './backoff.ts';
import type { Child, ChildSpec } from './child.ts';

/** Which siblings a failing child takes along. `simple_one_for_one`: any number of children of one template. */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';

/** Whether the end of significant children ends the supervisor. */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant';

// oxlint-disable-next-line typescript/no-explicit-any -- a list of specs mixes children and arguments of all types
export type AnyChildSpec = ChildSpec<any, any>;

/** A supervisor as it is declared. */
export interface SupervisorSpec {
  /** Default `one_for_one`. */
  strategy?: Strategy;
  /** Restarts allowed in a period, failed attempts included. Default 1. */
  intensity?: number;
  /** Default 5000. */
  periodMs?: number;
  /** Default `never`. */
  autoShutdown?: AutoShutdown;
  /** In start order; exactly one, the template, under `simple_one_for_one`. */
  children: readonly AnyChildSpec[];
  /** Waits between restarts. Default: none, as in OTP. */
  backoff?: Backoff;
  /**
   * Instead of ending when the intensity is spent, leave the failing child out (with the siblings that its strategy
   * takes along), report `gave_up`, and make one attempt every `retryMs`. Where siblings are independent, restarts
   * are then counted for each child by itself.
   */
  giveUp?: { retryMs: number };
}

/** Flags with every default filled in. */
export interface Flags {
  readonly strategy: Strategy;
  readonly intensity: number;
  readonly periodMs: number;
  readonly autoShutdown: AutoShutdown;
  readonly backoff: ResolvedBackoff | null;
  readonly giveUp: { readonly retryMs: number } | null;
}

/** A child spec with every default filled in. */
export type ResolvedChildSpec = Readonly<Required<ChildSpec<Child, readonly unknown[]>>>;

const STRATEGIES: readonly string[] = ['one_for_one', 'one_for_all', 'rest_for_one', 'simple_one_for_one'];
const AUTO_SHUTDOWNS: readonly string[] = ['never', 'any_significant', 'all_significant'];
const RESTARTS: readonly string[] = ['permanent', 'transient', 'temporary'];
const TYPES: readonly string[] = ['worker', 'supervisor'];

/** Checks a whole supervisor spec. Throws BAD_INPUT {field, child?} naming the first bad field; unknown keys are ignored. */
export function resolveSpec(spec: SupervisorSpec): { flags: Flags; children: ResolvedChildSpec[] } {
  const flags = resolveFlags(spec);
  if (!Array.isArray(spec.children)) throw bad('children', 'a list of child specs', spec.children);
  const children = resolveChildSpecs(spec.children, flags.autoShutdown);
  if (flags.strategy === 'simple_one_for_one' && children.length !== 1) {
    throw bad('children', 'exactly one template under simple_one_for_one', `${children.length} specs`);
  }
  return { flags, children };
}

/** Checks a list of child specs, ids unique. Throws BAD_INPUT {field, child?}. */
export function resolveChildSpecs(
  specs: readonly AnyChildSpec[],
  autoShutdown: AutoShutdown = 'any_significant',
): ResolvedChildSpec[] {
  const seen = new Set<string>();
  return specs.map((spec) => {
    const resolved = resolveChildSpec(spec, autoShutdown);
    if (seen.has(resolved.id)) throw bad('id', 'an id used once', resolved.id, resolved.id);
    seen.add(resolved.id);
    return resolved;
  });
}

/** Checks one child spec. Throws BAD_INPUT {field, child?}. */
export function resolveChildSpec(spec: AnyChildSpec, autoShutdown: AutoShutdown): ResolvedChildSpec {
  if (typeof spec !== 'object' || spec === null) throw bad('children', 'a child spec', spec);
  const { id, restart = 'permanent', type = 'worker', significant = false } = spec;
  if (typeof id !== 'string' || id === '' || id.length > 100 || id.includes('/')) {
    throw bad('id', 'a name of 1 to 100 characters without "/"', id);
  }
  if (typeof spec.start !== 'function') throw bad('start', 'a function', typeof spec.start, id);
  if (!RESTARTS.includes(restart)) throw bad('restart', RESTARTS.join(', '), restart, id);
  if (!TYPES.includes(type)) throw bad('type', TYPES.join(', '), type, id);
  const { shutdown = type === 'supervisor' ? 'infinity' : 5000 } = spec;
  if (shutdown !== 'infinity' && shutdown !== 'brutal_kill' && !isMs(shutdown)) {
    throw bad('shutdown', 'milliseconds, brutal_kill or infinity', shutdown, id);
  }
  const { startTimeoutMs = type === 'supervisor' ? 'infinity' : 30_000 } = spec;
  if (startTimeoutMs !== 'infinity' && !(isMs(startTimeoutMs) && startTimeoutMs > 0)) {
    throw bad('startTimeoutMs', 'milliseconds above 0, or infinity', startTimeoutMs, id);
  }
  if (typeof significant !== 'boolean') throw bad('significant', 'true or false', significant, id);
  if (significant && restart === 'permanent') {
    throw bad('significant', 'false with restart permanent (it would never end)', true, id);
  }
  if (significant && autoShutdown === 'never')
    throw bad('significant', 'false while autoShutdown is never', true, id);
  return {
    id,
    start: (context, ...args) => spec.start(context, ...args),
    restart,
    shutdown,
    type,
    significant,
    startTimeoutMs,
  };
}

function resolveFlags(spec: SupervisorSpec): Flags {
  if (typeof spec !== 'object' || spec === null) throw bad('spec', 'a supervisor spec', spec);
  const {
    strategy = 'one_for_one',
    intensity = 1,
    periodMs = 5000,
    autoShutdown = 'never',
    giveUp = null,
  } = spec;
  if (!STRATEGIES.includes(strategy)) throw bad('strategy', STRATEGIES.join(', '), strategy);
  if (!Number.isInteger(intensity) || intensity < 0)
    throw bad('intensity', 'a whole number, 0 or more', intensity);
  if (!isMs(periodMs) || periodMs === 0) throw bad('periodMs', 'milliseconds above 0', periodMs);
  if (!AUTO_SHUTDOWNS.includes(autoShutdown))
    throw bad('autoShutdown', AUTO_SHUTDOWNS.join(', '), autoShutdown);
  if (giveUp !== null && !(isMs(giveUp.retryMs) && giveUp.retryMs > 0)) {
    throw bad('giveUp.retryMs', 'milliseconds above 0', giveUp.retryMs);
  }
  const backoff = spec.backoff ? resolveBackoff(spec.backoff, periodMs) : null;
  if (backoff && leastPeriodMs(backoff, intensity) > periodMs) {
    const least = Math.ceil(leastPeriodMs(backoff, intensity));
    throw bad(
      'periodMs',
      `at least ${least} with this back-off, or intensity ${intensity} is never reached`,
      periodMs,
    );
  }
  return { strategy, intensity, periodMs, autoShutdown, backoff, giveUp };
}

function resolveBackoff(backoff: Backoff, periodMs: number): ResolvedBackoff {
  const { firstMs, immediate = 0, factor = 2, capMs, jitter = 0.2, resetAfterMs = periodMs } = backoff;
  if (!isMs(firstMs) || firstMs === 0) throw bad('backoff.firstMs', 'milliseconds above 0', firstMs);
  if (!Number.isInteger(immediate) || immediate < 0)
    throw bad('backoff.immediate', 'a whole number, 0 or more', immediate);
  if (!(Number.isFinite(factor) && factor >= 1)) throw bad('backoff.factor', 'a number, 1 or more', factor);
  if (!isMs(capMs) || capMs < firstMs) throw bad('backoff.capMs', 'milliseconds, at least firstMs', capMs);
  if (!(jitter >= 0 && jitter <= 1)) throw bad('backoff.jitter', 'a number from 0 to 1', jitter);
  if (!isMs(resetAfterMs)) throw bad('backoff.resetAfterMs', 'milliseconds', resetAfterMs);
  return { firstMs, immediate, factor, capMs, jitter, resetAfterMs };
}

function isMs(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function bad(field: string, allowed: string, actual: unknown, child?: unknown): MusterError {
  const given = typeof actual === 'object' && actual !== null ? 'an object' : String(actual);
  const where = typeof child === 'string' ? `child "${child}": ` : '';
  const details = { field, allowed, actual: given, ...(typeof child === 'string' && { child }) };
  return new MusterError('BAD_INPUT', `${where}${field} must be ${allowed}, not ${given}`, details);
}
