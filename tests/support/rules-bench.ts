/** One rule on a clock that a test owns: what it asks of its output and when, what it tells. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from '../../device/otp/child.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { EventLog } from '../../device/outputs/event-log.ts';
import { outputSchema } from '../../device/outputs/output-config.ts';
import type { OutputDeed } from '../../device/outputs/outputs-messages.ts';
import { channelKey, ReadingFeed } from '../../device/rules/reading-feed.ts';
import { Rules } from '../../device/rules/rules.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { OutputState, RuleStateRow } from '../../src/shared/output.ts';
import { qualityByte, type ClockSource, type Quality } from '../../src/shared/reading.ts';
import { ruleSchema } from '../../src/shared/rule.ts';
import { FakeClock } from './fake-clock.ts';

export class RulesBench {
  static readonly LEASE_MS = 3000;
  /** A Wednesday, 12:00 in UTC, 14:00 in Berlin. */
  readonly clock = new FakeClock(Date.UTC(2026, 6, 15, 12));
  readonly deeds: (OutputDeed & { at: number })[] = [];
  /** Why its output refuses; null: it does not. */
  refuse: string | null = null;
  source: ClockSource = 'ntp';
  isSafe = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'muster-rules-'));
  readonly #events = new EventLog(join(this.#folder, 'events.jsonl'), () => {});
  readonly #feed = new ReadingFeed([channelKey('air', 'temperature')]);
  readonly #outlet = this.#feed.tap({ register: () => [7], record() {}, report() {} });
  #rules: Rules | null = null;
  #child: Child | 'ignore' = 'ignore';

  /** Starts the rule `vent`, which sets the output `fan` unless told, over a sensor `air` read once a second. */
  async start(rule: object): Promise<void> {
    this.#outlet.register([
      {
        sensor: 'air',
        sensorName: 'Air',
        driver: 'tmp102',
        channel: 'temperature',
        quantity: 'temperature',
        unit: 'Cel',
        decimals: 1,
        periodMs: 1000,
      },
    ]);
    const { LEASE_MS } = RulesBench;
    const fan = { id: 'fan', kind: 'gpio', bus: 'gpiochip0', line: 1, leaseMs: LEASE_MS };
    this.#rules = new Rules({
      rules: [ruleSchema.parse({ id: 'vent', set: { output: 'fan' }, ...rule })],
      timeZone: 'Europe/Berlin',
      feed: this.#feed,
      sensors: new Set(['air']),
      outputs: { command: (deed) => this.#command(deed) },
      configs: [outputSchema.parse(fan)],
      events: this.#events,
      clock: this.clock,
      belief: () => ({ offsetMs: this.clock.wall() - this.clock.monotonic(), clock: this.source }),
      stamp: (monotonicMs) => ({ at: monotonicMs, clock: this.source, run: 1 }),
      isSafe: () => this.isSafe,
    });
    this.#child = await this.#rules.spec(new Ticker(this.clock)).start({} as never);
    await this.clock.advance(1);
  }

  read(value: number, quality: Quality = 'ok'): void {
    this.#outlet.record(7, this.clock.monotonic(), value, qualityByte(quality));
  }

  /** A reading a second for so long. */
  async measure(value: number, seconds: number, quality: Quality = 'ok'): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.read(value, quality);
      await this.clock.advance(1000);
    }
  }

  get row(): RuleStateRow {
    return this.#rules?.rows()[0] as RuleStateRow;
  }

  /** Times at which the output was asked for. */
  get sets(): number[] {
    return this.deeds.filter(({ kind }) => kind === 'set').map(({ at }) => at);
  }

  /** Events in short: `rule 1`. */
  get told(): string[] {
    return this.#events.after(null, 100).events.map(({ kind, value }) => `${kind} ${value}`);
  }

  end(): void {
    if (this.#child !== 'ignore') this.#child.shutdown();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #command(deed: OutputDeed): Promise<OutputState> {
    this.deeds.push({ ...deed, at: this.clock.monotonic() });
    if (this.refuse !== null && deed.kind === 'set')
      throw new MusterError('REFUSED', this.refuse, { reason: this.refuse });
    return {} as OutputState;
  }
}
