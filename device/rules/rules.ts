/**
 * The configured rules, judged a few times a second from the readings that came meanwhile, and their outputs held by
 * leases that are renewed as long as a rule is on.
 * Owns: when to judge, when to renew, what is told of a rule. Refuses: to judge (rule-machine.ts) and to know a limit of
 * an output (its host does): a refusal is told, and asked again. If this ends, leases end, and outputs fall safe.
 * Started by the tree; asked by control.
 */
import type { ClockBelief } from '../../src/shared/device-contract.ts';
import { toMusterError } from '../../src/shared/errors.ts';
import { localTimes } from '../../src/shared/local-time.ts';
import type { DeviceEvent, RuleStateRow } from '../../src/shared/output.ts';
import { qualityByte, type ClockSource } from '../../src/shared/reading.ts';
import { staleAfterMs, type Rule } from '../../src/shared/rule.ts';
import { startRule, stepRule, type RuleAction, type RuleEvent } from '../../src/shared/rule-machine.ts';
import { troubleText, type RuleNames } from '../../src/shared/rule-text.ts';
import type { Clock } from '../../src/shared/time.ts';
import { startActor } from '../otp/actor.ts';
import type { ChildSpec } from '../otp/child.ts';
import type { Ticker } from '../otp/ticker.ts';
import type { EventLog } from '../outputs/event-log.ts';
import type { OutputConfig } from '../outputs/output-config.ts';
import type { Outputs } from '../outputs/outputs.ts';
import { channelKey, type ReadingFeed } from './reading-feed.ts';

export interface RulesOptions {
  rules: readonly Rule[];
  timeZone: string;
  feed: ReadingFeed;
  /** Ids of the configured sensors. */
  sensors: ReadonlySet<string>;
  outputs: Pick<Outputs, 'command'>;
  configs: readonly OutputConfig[];
  events: EventLog;
  clock: Clock;
  /** What is believed of wall time now. */
  belief: () => ClockBelief;
  stamp: (monotonicMs: number) => { at: number; clock: ClockSource; run: number };
  /** True in safe mode: no rule is on. */
  isSafe: () => boolean;
}

/** How often rules are judged, ms. */
const LOOK_MS = 250;
/** Part of a lease after which it is renewed. */
const RENEW_AT = 1 / 3;
/** When a refused command is tried again, ms. */
const AGAIN_MS = 1000;
const OK = qualityByte('ok');

/** A rule as it runs. */
class Running {
  readonly rule: Rule;
  readonly key: string | null;
  state;
  /** When its output is asked for next; null: nothing to ask for. */
  askAt: number | null = null;
  isAsking = false;
  /** Why its output did not follow, null when it did. */
  refused: string | null = null;

  constructor(rule: Rule, at: number) {
    this.rule = rule;
    this.key = rule.when ? channelKey(rule.when.sensor, rule.when.channel) : null;
    this.state = startRule(at);
  }
}

export class Rules {
  readonly #options: RulesOptions;
  readonly #local: ReturnType<typeof localTimes>;
  readonly #names: RuleNames;
  #running: Running[] = [];

  constructor(options: RulesOptions) {
    const { feed, configs, timeZone } = options;
    this.#options = options;
    this.#local = localTimes(timeZone);
    this.#names = {
      channel: (sensor, channel) => {
        const info = feed.info(channelKey(sensor, channel));
        return info && { name: `${info.sensorName} ${info.channel}`, quantity: info.quantity };
      },
      output: (output) => configs.find(({ id }) => id === output)?.name ?? null,
      timeZone,
    };
    this.#begin();
  }

  get timeZone(): string {
    return this.#options.timeZone;
  }

  get isClockSet(): boolean {
    return this.#options.belief().clock !== 'none';
  }

  /** A restart begins without memory: what was on is on again when its reason is found again. */
  spec(ticker: Ticker): ChildSpec {
    return {
      id: 'rules',
      start: () => {
        this.#begin();
        return startActor({ everyMs: LOOK_MS, onTick: () => this.#look() }, ticker);
      },
    };
  }

  rows(): RuleStateRow[] {
    const now = this.#options.clock.monotonic();
    return this.#running.map((running) => {
      const { rule, state, refused } = running;
      const trouble = this.#troubleOf(running);
      const settled = state.on ? (refused === null ? 'on' : 'waiting') : 'off';
      return {
        rule,
        state: trouble === null ? settled : 'failing',
        why: (trouble ?? refused)?.slice(0, 500) ?? null,
        sinceMs: state.since === null ? null : now - state.since,
        value: state.value,
      };
    });
  }

  #begin(): void {
    const now = this.#options.clock.monotonic();
    this.#running = this.#options.rules.map((rule) => new Running(rule, now));
  }

  #look(): void {
    const { feed, clock, isSafe } = this.#options;
    feed.drain((key, atMs, value, quality) => {
      if (quality !== OK || isSafe()) return;
      for (const running of this.#running)
        if (running.key === key) this.#step(running, { kind: 'reading', value }, atMs);
    });
    if (isSafe()) return;
    const now = clock.monotonic();
    for (const running of this.#running) {
      this.#step(running, { kind: 'time' }, now);
      this.#hold(running, now);
    }
  }

  #step(running: Running, event: RuleEvent, at: number): void {
    const { belief } = this.#options;
    const { offsetMs, clock } = belief();
    const local = clock === 'none' ? null : this.#local(offsetMs + at);
    const moment = { at, local };
    const { state, actions } = stepRule(running.rule, this.#staleMs(running), running.state, event, moment);
    running.state = state;
    for (const action of actions) this.#tell(running, action, at);
  }

  /** A sensor that is not configured any more can never be heard: there is nothing to wait for. */
  #staleMs({ rule, key }: Running): number {
    const { feed, sensors } = this.#options;
    if (!rule.when || key === null) return Infinity;
    if (!sensors.has(rule.when.sensor)) return 0;
    return staleAfterMs(feed.info(key)?.periodMs ?? 0);
  }

  #tell(running: Running, action: RuleAction, at: number): void {
    const { rule } = running;
    const { events, stamp } = this.#options;
    const event: Omit<DeviceEvent, 'seq'> = {
      ...stamp(at),
      kind: 'rule',
      subject: rule.id,
      value: running.state.on ? 1 : 0,
      before: null,
      cause: 'rule',
      by: rule.name ?? rule.id,
      refused: null,
    };
    if (action.do === 'trouble') {
      void events.add({ ...event, refused: this.#troubleOf(running)?.slice(0, 500) ?? null });
      return;
    }
    const switched = { ...event, before: action.on ? 0 : 1 };
    void events.add(switched);
    if (rule.alarm) void events.add({ ...switched, kind: 'alarm', by: rule.alarm });
    if (!rule.set) return;
    // letting go also says that what follows is a new decision: an output that was on for its longest time may go on
    this.#ask(running, { kind: 'release', output: rule.set.output });
    running.askAt = action.on ? at : null;
    running.refused = null;
  }

  #hold(running: Running, now: number): void {
    const { askAt, rule, isAsking } = running;
    if (askAt === null || askAt > now || isAsking || !rule.set) return;
    const { output, value = 1 } = rule.set;
    const leaseMs = this.#options.configs.find(({ id }) => id === output)?.leaseMs ?? 0;
    running.askAt = now + leaseMs * RENEW_AT;
    running.isAsking = true;
    this.#ask(running, { kind: 'set', output, value, forMs: null });
  }

  #ask(
    running: Running,
    deed:
      | { kind: 'release'; output: string }
      | { kind: 'set'; output: string; value: number; forMs: number | null },
  ): void {
    const { outputs, clock } = this.#options;
    outputs.command({ ...deed, cause: 'rule', by: running.rule.id }).then(
      () => {
        if (deed.kind === 'set') running.refused = null;
        running.isAsking &&= deed.kind !== 'set';
      },
      (error: unknown) => {
        running.isAsking &&= deed.kind !== 'set';
        if (deed.kind !== 'set' || running.askAt === null) return;
        const { details, message } = toMusterError(error);
        running.refused = String(details['reason'] ?? message);
        running.askAt = clock.monotonic() + AGAIN_MS;
      },
    );
  }

  /** Why it cannot judge, in words; null when it can. */
  #troubleOf({ rule, state, key }: Running): string | null {
    const { feed, sensors, isSafe } = this.#options;
    if (isSafe()) return 'All rules are off in safe mode.';
    if (state.trouble === null) return null;
    const { when } = rule;
    const then = 'Its output is let go. Change the rule, or put it back.';
    if (when && !sensors.has(when.sensor)) return `There is no sensor “${when.sensor}”. ${then}`;
    if (when && key !== null && feed.hasDeclared(when.sensor) && !feed.info(key))
      return `Sensor “${when.sensor}” has no channel “${when.channel}”. ${then}`;
    return troubleText(state.trouble, rule, this.#names);
  }
}
