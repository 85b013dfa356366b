/**
 * Whether a rule is on: threshold with hysteresis and duration, schedule, shortest and longest time on. Pure.
 * Owns: every judgement about a rule, so that the device which runs it and the laptop which simulates it cannot differ.
 * Refuses: to switch anything; whoever calls it acts on what it says. Durations are counted on a clock that does not
 * jump (`at`); only the schedule looks at local time, so a clock that is set moves the schedule and nothing else.
 */
import type { LocalTime } from './local-time.ts';
import { minuteOf, WEEKDAYS, type Rule, type Schedule, type Threshold } from './rule.ts';

/** `unheard`: no reading that can be believed, for too long or since the beginning. `no-clock`: nobody set the clock. */
export type RuleTrouble = 'unheard' | 'no-clock';

export interface RuleState {
  readonly on: boolean;
  /** `at` of the last switch; null before the first. */
  readonly since: number | null;
  /** Why it cannot judge now; it is off meanwhile. */
  readonly trouble: RuleTrouble | null;
  /** True from the longest time on until its reason has been gone once. */
  readonly spent: boolean;
  /** `at` since when the value is beyond the bound; null when it is not. */
  readonly beyondSince: number | null;
  /** `at` of the last reading that can be believed, and its value. */
  readonly heardAt: number | null;
  readonly value: number | null;
  readonly startedAt: number;
}

export type RuleEvent =
  /** A reading of the rule's channel with quality `ok`. */
  { readonly kind: 'reading'; readonly value: number } | { readonly kind: 'time' };

/** The moment of an event: ms of a steady clock, and what time it is in the place, null where nobody knows. */
export interface Moment {
  readonly at: number;
  readonly local: LocalTime | null;
}

/** What changed. */
export type RuleAction =
  | { readonly do: 'switch'; readonly on: boolean }
  | { readonly do: 'trouble'; readonly trouble: RuleTrouble | null };

export function startRule(at: number): RuleState {
  return {
    on: false,
    since: null,
    trouble: null,
    spent: false,
    beyondSince: null,
    heardAt: null,
    value: null,
    startedAt: at,
  };
}

/** `staleMs`: how long the channel may be silent. */
export function stepRule(
  rule: Rule,
  staleMs: number,
  before: RuleState,
  event: RuleEvent,
  { at, local }: Moment,
): { state: RuleState; actions: RuleAction[] } {
  let state = event.kind === 'reading' ? heard(rule.when, before, event.value, at) : before;
  const trouble = troubleOf(rule, state, staleMs, at, local);
  const wanted = trouble === null && isWanted(rule, state, at, local);
  if (trouble === 'unheard') state = { ...state, beyondSince: null };
  if (state.spent && !wanted && trouble === null) state = { ...state, spent: false };

  const actions: RuleAction[] = [];
  if (trouble !== state.trouble) {
    state = { ...state, trouble };
    actions.push({ do: 'trouble', trouble });
  }
  const onMs = at - (state.since ?? at);
  const isOver = state.on && onMs >= (rule.maxOnMs ?? Infinity);
  const on = state.on
    ? trouble === null && !isOver && (wanted || onMs < (rule.minOnMs ?? 0))
    : wanted && !state.spent;
  if (on !== state.on) {
    state = { ...state, on, since: at, spent: isOver && wanted };
    actions.push({ do: 'switch', on });
  }
  return { state, actions };
}

/** The next `at` at which the rule may change its mind without a reading; null when only a reading can. */
export function nextLook(
  rule: Rule,
  staleMs: number,
  state: RuleState,
  { at, local }: Moment,
): number | null {
  const due: number[] = [];
  if (rule.when) {
    due.push((state.heardAt ?? state.startedAt) + staleMs);
    if (state.beyondSince !== null) due.push(state.beyondSince + (rule.when.forMs ?? 0));
  }
  if (state.on && state.since !== null)
    due.push(state.since + (rule.minOnMs ?? 0), state.since + (rule.maxOnMs ?? Infinity));
  if (rule.during && local) due.push(at + (60 - local.second) * 1000);
  const next = Math.min(...due.filter((time) => time > at));
  return Number.isFinite(next) ? next : null;
}

function heard(when: Threshold | undefined, state: RuleState, value: number, at: number): RuleState {
  if (!when || Number.isNaN(value)) return state;
  const wasBeyond = state.beyondSince !== null;
  const isBeyond = wasBeyond ? !isBack(when, value) : hasBegun(when, value);
  const beyondSince = isBeyond ? (state.beyondSince ?? at) : null;
  return { ...state, heardAt: at, value, beyondSince };
}

function hasBegun({ above, below }: Threshold, value: number): boolean {
  return above === undefined ? value < (below ?? -Infinity) : value > above;
}

function isBack({ above, below, until }: Threshold, value: number): boolean {
  return above === undefined ? value >= (until ?? below ?? -Infinity) : value <= (until ?? above);
}

function troubleOf(
  rule: Rule,
  state: RuleState,
  staleMs: number,
  at: number,
  local: LocalTime | null,
): RuleTrouble | null {
  if (rule.when) {
    const silentMs = at - (state.heardAt ?? state.startedAt);
    // before its first reading a rule is off, and in trouble only when that stays out
    if (silentMs >= staleMs) return 'unheard';
  }
  return rule.during && local === null ? 'no-clock' : null;
}

function isWanted(rule: Rule, state: RuleState, at: number, local: LocalTime | null): boolean {
  if (rule.when && (state.beyondSince === null || at - state.beyondSince < (rule.when.forMs ?? 0)))
    return false;
  return !rule.during || (local !== null && isWithin(rule.during, local));
}

/** A schedule over midnight belongs to the day on which it begins. */
function isWithin({ days, from, to }: Schedule, { weekday, minute }: LocalTime): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const isDay = (day: number): boolean => days?.includes(WEEKDAYS[day % 7] ?? 'mon') ?? true;
  if (begin < end) return isDay(weekday) && minute >= begin && minute < end;
  return (isDay(weekday) && minute >= begin) || (isDay(weekday + 6) && minute < end);
}
