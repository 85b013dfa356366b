/**
 * What a rule would have done with readings that were recorded: the very machine of the device, driven by the times of
 * the readings. Pure. What the device's output would have refused (its own limits) is not known here.
 */
import { localTimes } from './local-time.ts';
import { qualityByte } from './reading.ts';
import type { Rule } from './rule.ts';
import { nextLook, startRule, stepRule, type RuleEvent } from './rule-machine.ts';

/** Readings of the rule's channel, columns of equal length, ascending in t (epoch ms). */
export interface SimulatedReadings {
  t: Float64Array;
  value: Float64Array;
  quality: Uint8Array;
}

export interface SimulationOptions {
  rule: Rule;
  timeZone: string;
  /** How long the channel may be silent, ms. */
  staleMs: number;
  /** Epoch ms, both ends included. */
  from: number;
  to: number;
}

export interface Simulation {
  /** Each switch, oldest first, at most MAX_SWITCHES of them. */
  switches: { at: number; on: boolean }[];
  /** How often it would have been switched on. */
  times: number;
  /** How long it would have been on, ms. */
  onMs: number;
  /** How long it could not have judged for want of readings, ms. */
  unheardMs: number;
  readings: number;
}

/** More switches than this are counted and not listed. */
export const MAX_SWITCHES = 1000;

const OK = qualityByte('ok');

/** Takes the readings piece by piece. */
export class RuleSimulation {
  readonly #options: SimulationOptions;
  readonly #local: ReturnType<typeof localTimes>;
  #state;
  #at: number;
  #unheardFrom: number | null = null;
  readonly #result: Simulation = { switches: [], times: 0, onMs: 0, unheardMs: 0, readings: 0 };

  /** Throws RangeError for an unknown zone. */
  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#local = localTimes(options.timeZone);
    this.#state = startRule(options.from);
    this.#at = options.from;
    this.#step({ kind: 'time' }, options.from);
  }

  add({ t, value, quality }: SimulatedReadings): void {
    for (let i = 0; i < t.length; i++) {
      const at = t[i] as number;
      // a clock that was set back while recording: the time that counts here never goes back
      if (at < this.#at || at > this.#options.to) continue;
      this.#waitUntil(at);
      this.#result.readings++;
      if (quality[i] === OK) this.#step({ kind: 'reading', value: value[i] as number }, at);
    }
  }

  /** The outcome at the end of the span. */
  end(): Simulation {
    const { to } = this.#options;
    this.#waitUntil(to);
    this.#step({ kind: 'time' }, to);
    if (this.#state.on) this.#result.onMs += to - (this.#state.since ?? to);
    if (this.#unheardFrom !== null) this.#result.unheardMs += to - this.#unheardFrom;
    return this.#result;
  }

  /** Lets time pass without a reading. */
  #waitUntil(at: number): void {
    for (;;) {
      const next = nextLook(this.#options.rule, this.#options.staleMs, this.#state, this.#moment(this.#at));
      if (next === null || next >= at) return;
      this.#step({ kind: 'time' }, next);
    }
  }

  #moment(at: number) {
    return { at, local: this.#local(at) };
  }

  #step(event: RuleEvent, at: number): void {
    const { rule, staleMs } = this.#options;
    const since = this.#state.since ?? at;
    const { state, actions } = stepRule(rule, staleMs, this.#state, event, this.#moment(at));
    this.#state = state;
    this.#at = at;
    const result = this.#result;
    for (const action of actions)
      if (action.do === 'trouble') {
        if (this.#unheardFrom !== null) result.unheardMs += at - this.#unheardFrom;
        this.#unheardFrom = action.trouble === 'unheard' ? at : null;
      } else {
        if (action.on) result.times++;
        else result.onMs += at - since;
        if (result.switches.length < MAX_SWITCHES) result.switches.push({ at, on: action.on });
      }
  }
}
