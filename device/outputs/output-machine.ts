/**
 * All outputs of a device together: who holds which, for how long, and what may not be. Pure.
 * Owns: leases and their end, the safe state, longest time on, shortest time off, interlocks. It is the only way to a
 * line, so there is no path round it. Refuses: lines, clocks and messages (outputs-host-body.ts has them).
 *
 * What always holds of the values it orders: no two outputs of an interlock are on; no output is on beyond its longest
 * time, nor without a hold unless its policy says so; one that went off stays off for its shortest time. An output
 * whose line could not be written, or whose write is still under way, counts as on for its interlocks until a write succeeds.
 */
import type { OutputCause } from '../../src/shared/output.ts';

/** What the machine has to know of an output. Values from 0 (off) to 1. */
export interface OutputLimits {
  readonly id: string;
  readonly safe: number;
  /** At the daemon's start: the safe value, what the line shows, or what was commanded last. */
  readonly onBoot: 'safe' | 'hold' | 'last';
  readonly onLeaseEnd: 'safe' | 'hold';
  /** Lease of a command that names no time, ms. */
  readonly leaseMs: number;
  readonly minOffMs: number;
  /** Null: without end. */
  readonly maxOnMs: number | null;
  /** True where a write takes its time: each is followed by `obeyed` or `failed`. */
  readonly slow: boolean;
}

export interface OutputPlan {
  readonly outputs: readonly OutputLimits[];
  /** Of the outputs named together at most one is on. */
  readonly interlocks: readonly (readonly string[])[];
}

export interface Hold {
  readonly cause: 'person' | 'rule';
  readonly by: string;
  readonly until: number;
}

export interface OutputSlot {
  readonly value: number;
  /** When it last went from off to on or back. */
  readonly switchedAt: number;
  readonly hold: Hold | null;
  /** True from the end of the longest time on until the rule has let go once: a rule that goes on is no new decision. */
  readonly spent: boolean;
  /** When a failed write is tried again; null while the line obeys. */
  readonly retryAt: number | null;
  /** A write was ordered of which it is not known yet whether it succeeds. */
  readonly underWay: boolean;
}

export type OutputsState = ReadonlyMap<string, OutputSlot>;

export type OutputEvent =
  /** First of all. `now` what each line shows, `last` what was commanded last; null where that is not known. */
  | {
      readonly kind: 'start';
      readonly why: 'boot' | 'host';
      readonly lines: ReadonlyMap<string, { now: number | null; last: number | null }>;
    }
  | {
      readonly kind: 'set';
      readonly output: string;
      readonly value: number;
      readonly forMs: number | null;
      readonly cause: 'person' | 'rule';
      readonly by: string;
    }
  /** Ends one's own hold; a person also that of another person. */
  | {
      readonly kind: 'release';
      readonly output: string;
      readonly cause: 'person' | 'rule';
      readonly by: string;
    }
  | { readonly kind: 'time' }
  /** The daemon ends in order: all fall safe. */
  | { readonly kind: 'stop' }
  /** The daemon died and its successor takes over: what its policy keeps over a start stays as it is. */
  | { readonly kind: 'handover' }
  /** A write that was ordered did not succeed; or one did, of a slow output or one whose last had not. */
  | { readonly kind: 'failed' | 'obeyed'; readonly output: string };

/** What is to be written down. */
export interface OutputNote {
  readonly output: string;
  readonly value: number;
  readonly before: number | null;
  readonly cause: OutputCause;
  readonly by: string;
  readonly refused: string | null;
}

export type OutputAction =
  | { readonly do: 'write'; readonly output: string; readonly value: number }
  | { readonly do: 'note'; readonly note: OutputNote };

/** Holds what was kept over a start until somebody stands for it. */
const NOBODY = '';

/** How long after a failed write the next is tried, ms. */
export const RETRY_MS = 1000;

/** `actions` in the order in which they are to be done: what switches off comes first. */
export function stepOutputs(
  plan: OutputPlan,
  before: OutputsState,
  event: OutputEvent,
  at: number,
): { state: OutputsState; actions: OutputAction[] } {
  const turn = new Turn(plan, before, at);
  if (event.kind === 'start') turn.start(event.why, event.lines);
  else if (event.kind === 'failed') turn.failed(event.output);
  else if (event.kind === 'obeyed') turn.obeyed(event.output);
  else {
    turn.pass();
    if (event.kind === 'set') turn.set(event);
    else if (event.kind === 'release') turn.release(event);
    else if (event.kind === 'stop' || event.kind === 'handover') turn.fallAll(event.kind);
  }
  return { state: turn.slots, actions: turn.actions };
}

/** When something ends by itself next; null when nothing does. */
export function nextEnd(plan: OutputPlan, state: OutputsState): number | null {
  let next = Infinity;
  for (const { id, maxOnMs } of plan.outputs) {
    const slot = state.get(id);
    if (!slot) continue;
    if (slot.retryAt !== null) {
      next = Math.min(next, slot.retryAt);
      continue;
    }
    if (slot.hold) next = Math.min(next, slot.hold.until);
    if (slot.value > 0 && maxOnMs !== null) next = Math.min(next, slot.switchedAt + maxOnMs);
  }
  return Number.isFinite(next) ? next : null;
}

/** Ms for which an output must still stay off. */
export function restMs(limits: Pick<OutputLimits, 'minOffMs'>, slot: OutputSlot, at: number): number {
  return slot.value > 0 ? 0 : Math.max(0, slot.switchedAt + limits.minOffMs - at);
}

/** One step: a copy of the state that is changed, and what is to be done. */
class Turn {
  readonly slots: Map<string, OutputSlot>;
  readonly actions: OutputAction[] = [];
  readonly #plan: OutputPlan;
  readonly #at: number;

  constructor(plan: OutputPlan, before: OutputsState, at: number) {
    this.slots = new Map(before);
    this.#plan = plan;
    this.#at = at;
  }

  start(why: 'boot' | 'host', lines: ReadonlyMap<string, { now: number | null; last: number | null }>): void {
    const at = this.#at;
    // all count as off first, so that each that shall be on has to pass the interlocks
    for (const { id, slow } of this.#plan.outputs)
      this.slots.set(id, {
        value: 0,
        switchedAt: at,
        hold: null,
        spent: false,
        retryAt: null,
        underWay: slow,
      });
    const wanted = this.#plan.outputs.map((limits) => {
      const { now = null, last = null } = lines.get(limits.id) ?? {};
      const kept = limits.onBoot === 'hold' ? now : limits.onBoot === 'last' ? last : null;
      const value = why === 'host' || kept === null ? limits.safe : kept;
      const refused = value > 0 ? this.#interlock(limits.id) : null;
      const slot = this.slots.get(limits.id) as OutputSlot;
      // what is kept has nobody yet who stands for it: that is found within its lease, or it falls
      const hold: Hold | null =
        value === limits.safe ? null : { cause: 'rule', by: NOBODY, until: at + limits.leaseMs };
      if (refused === null) this.slots.set(limits.id, { ...slot, value, hold });
      return { limits, now, value, refused };
    });
    for (const { limits, now, value, refused } of wanted.toSorted((a, b) => a.value - b.value)) {
      const { id, safe } = limits;
      const made = refused === null ? value : safe;
      if (refused !== null) this.#note({ output: id, value, before: now, cause: why, by: '', refused });
      this.#write(id, made);
      this.#note({ output: id, value: made, before: now, cause: why, by: '', refused: null });
    }
  }

  /** Time has gone by: leases end, the longest time on ends, failed writes are tried again. */
  pass(): void {
    const at = this.#at;
    for (const limits of this.#plan.outputs) {
      const slot = this.#slot(limits.id);
      if (slot.retryAt !== null && at >= slot.retryAt) this.#retry(limits);
      const { value, switchedAt, hold, retryAt } = this.#slot(limits.id);
      if (retryAt !== null) continue;
      if (value > 0 && limits.maxOnMs !== null && at >= switchedAt + limits.maxOnMs) {
        this.#put(limits.id, { value: limits.safe, hold: null, spent: true });
        this.#noteChange(limits.id, value, 'limit', hold?.by ?? '');
      } else if (hold && at >= hold.until) {
        const next = limits.onLeaseEnd === 'safe' ? limits.safe : value;
        this.#put(limits.id, { value: next, hold: null });
        this.#noteChange(limits.id, value, 'lease', hold.by);
      }
    }
  }

  set({ output, value, forMs, cause, by }: Extract<OutputEvent, { kind: 'set' }>): void {
    const limits = this.#limits(output);
    const slot = this.#slot(output);
    const blocked = this.#blocked(limits, slot, value, cause);
    if (blocked) {
      const { refused, reason } = blocked;
      const told = reason === 'interlock' ? reason : cause;
      return this.#note({ output, value, before: slot.value, cause: told, by, refused });
    }
    const { hold } = slot;
    const spent = slot.spent && value > 0 && cause === 'rule';
    this.#put(output, { value, hold: { cause, by, until: this.#at + (forMs ?? limits.leaseMs) }, spent });
    // a renewal is no news
    if (value !== slot.value || hold?.cause !== cause || hold.by !== by)
      this.#noteChange(output, slot.value, cause, by);
  }

  release({ output, cause, by }: Extract<OutputEvent, { kind: 'release' }>): void {
    const { safe } = this.#limits(output);
    const slot = this.#slot(output);
    const { hold } = slot;
    if (cause === 'rule') this.slots.set(output, { ...slot, spent: false });
    const isOwn = hold?.cause === cause && (cause === 'person' || hold.by === by);
    if (!hold || (!isOwn && hold.by !== NOBODY)) return;
    this.#put(output, { value: safe, hold: null });
    this.#noteChange(output, slot.value, cause, by);
  }

  fallAll(why: 'stop' | 'handover'): void {
    for (const { id, safe, onBoot } of this.#plan.outputs) {
      if (why === 'handover' && onBoot !== 'safe') continue;
      const { value, hold } = this.#slot(id);
      this.slots.set(id, { ...this.#slot(id), retryAt: null });
      this.#put(id, { value: safe, hold: null });
      // written again although it should be so: nobody will look after it from now on
      if (value === safe) this.#write(id, safe);
      if (value !== safe || hold) this.#noteChange(id, value, 'stop', '');
    }
  }

  failed(output: string): void {
    const slot = this.#slot(output);
    const refused = 'its line could not be written';
    const [cause, by] = slot.hold ? [slot.hold.cause, slot.hold.by] : (['host', ''] as const);
    if (slot.retryAt === null) this.#note({ output, value: slot.value, before: null, cause, by, refused });
    this.slots.set(output, { ...slot, hold: null, retryAt: this.#at + RETRY_MS, underWay: false });
    // it may be on: what was to be on beside it goes off
    for (const partner of this.#plan.interlocks.filter((group) => group.includes(output)).flat()) {
      const { value } = this.#slot(partner);
      if (partner === output || value === 0) continue;
      this.#put(partner, { value: 0, hold: null });
      this.#noteChange(partner, value, 'interlock', output);
    }
  }

  obeyed(output: string): void {
    const slot = this.#slot(output);
    this.slots.set(output, { ...slot, retryAt: null, underWay: false });
    if (slot.retryAt === null) return;
    this.#note({ output, value: slot.value, before: null, cause: 'host', by: '', refused: null });
  }

  /** Why a command is not followed, null when it is. */
  #blocked(
    limits: OutputLimits,
    slot: OutputSlot,
    value: number,
    cause: 'person' | 'rule',
  ): { refused: string; reason: 'interlock' | 'other' } | null {
    const other = (refused: string) => ({ refused, reason: 'other' as const });
    if (slot.retryAt !== null) return other('its line cannot be written now');
    if (cause === 'rule' && slot.hold?.cause === 'person')
      return other(`${slot.hold.by} holds it for ${seconds(slot.hold.until - this.#at)} more`);
    if (value === 0) return null;
    const interlock = this.#interlock(limits.id);
    if (interlock !== null) return { refused: interlock, reason: 'interlock' };
    if (cause === 'rule' && slot.spent)
      return other('it was on for its longest time, and the rule has not let go since');
    const rest = restMs(limits, slot, this.#at);
    return rest > 0 ? other(`it must stay off for ${seconds(rest)} more`) : null;
  }

  /** Which other output keeps this one from being on; null when none does. */
  #interlock(output: string): string | null {
    for (const group of this.#plan.interlocks) {
      if (!group.includes(output)) continue;
      for (const other of group) {
        const slot = this.slots.get(other);
        if (other === output || !slot) continue;
        if (slot.value > 0) return `${other} is on, and never both may be`;
        if (slot.retryAt !== null) return `${other} may be on: its line cannot be written now`;
        if (slot.underWay) return `${other} may be on until it is certain that it was switched off`;
      }
    }
    return null;
  }

  /** What failed is brought to its safe value as soon as the line obeys; only now it may have got there. */
  #retry({ id, safe }: OutputLimits): void {
    const { spent, underWay } = this.#slot(id);
    const [at, retryAt] = [this.#at, this.#at + RETRY_MS];
    this.slots.set(id, { value: safe, switchedAt: at, hold: null, spent, retryAt, underWay });
    this.#write(id, safe);
  }

  #put(output: string, change: Partial<Pick<OutputSlot, 'value' | 'hold' | 'spent'>>): void {
    const slot = this.#slot(output);
    const next = { ...slot, ...change };
    const switchedAt = slot.value > 0 === next.value > 0 ? slot.switchedAt : this.#at;
    this.slots.set(output, { ...next, switchedAt });
    if (next.value !== slot.value) this.#write(output, next.value);
  }

  #write(output: string, value: number): void {
    if (this.#limits(output).slow) this.slots.set(output, { ...this.#slot(output), underWay: true });
    this.actions.push({ do: 'write', output, value });
  }

  #note(note: OutputNote): void {
    this.actions.push({ do: 'note', note });
  }

  #noteChange(output: string, before: number, cause: OutputCause, by: string): void {
    this.#note({ output, value: this.#slot(output).value, before, cause, by, refused: null });
  }

  #limits(output: string): OutputLimits {
    return this.#plan.outputs.find(({ id }) => id === output) as OutputLimits;
  }

  #slot(output: string): OutputSlot {
    return this.slots.get(output) as OutputSlot;
  }
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
