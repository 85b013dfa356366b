/** Rules on a clock that a test owns: what they ask of outputs and when, what they tell, what a clock that jumps does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ticker } from '../../../device/otp/ticker.ts';
import { EventLog } from '../../../device/outputs/event-log.ts';
import { outputSchema } from '../../../device/outputs/output-config.ts';
import type { Outputs } from '../../../device/outputs/outputs.ts';
import type { OutputDeed } from '../../../device/outputs/outputs-messages.ts';
import { channelKey, ReadingFeed } from '../../../device/rules/reading-feed.ts';
import { Rules } from '../../../device/rules/rules.ts';
import type { Actor } from '../../../device/otp/actor.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import type { OutputState } from '../../../src/shared/output.ts';
import { qualityByte, type ClockSource } from '../../../src/shared/reading.ts';
import { ruleSchema } from '../../../src/shared/rule.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const LEASE_MS = 3000;
const KEY = channelKey('air', 'temperature');

let clock: FakeClock;
let folder: string;
let events: EventLog;
let deeds: (OutputDeed & { at: number })[];
let refuse: string | null;
let source: ClockSource;
let isSafe: boolean;
let rules: Rules;
let actor: Actor;
let read: (value: number, quality?: 'ok' | 'suspect' | 'missing') => void;

beforeEach(() => {
  // a Wednesday, 12:00 in UTC, 14:00 in Berlin
  clock = new FakeClock(Date.UTC(2026, 6, 15, 12));
  folder = mkdtempSync(join(tmpdir(), 'muster-rules-'));
  events = new EventLog(join(folder, 'events.jsonl'), () => {});
  deeds = [];
  refuse = null;
  source = 'ntp';
  isSafe = false;
});
afterEach(() => {
  actor.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

async function start(rule: object): Promise<void> {
  const feed = new ReadingFeed([KEY]);
  const outlet = feed.tap({ register: () => [7], record() {}, report() {} });
  outlet.register([
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
  read = (value, quality = 'ok') => outlet.record(7, clock.monotonic(), value, qualityByte(quality));
  const stamp = (monotonicMs: number) => ({ at: monotonicMs, clock: source, run: 1 });
  const outputs = {
    async command(deed: OutputDeed) {
      deeds.push({ ...deed, at: clock.monotonic() });
      if (refuse !== null && deed.kind === 'set')
        throw new MusterError('REFUSED', refuse, { reason: refuse });
      return {} as OutputState;
    },
  };
  rules = new Rules({
    rules: [ruleSchema.parse({ id: 'vent', set: { output: 'fan' }, ...rule })],
    timeZone: 'Europe/Berlin',
    feed,
    sensors: new Set(['air']),
    outputs: outputs as unknown as Outputs,
    configs: [outputSchema.parse({ id: 'fan', kind: 'gpio', bus: 'gpiochip0', line: 1, leaseMs: LEASE_MS })],
    events,
    clock,
    belief: () => ({ offsetMs: clock.wall() - clock.monotonic(), clock: source }),
    stamp,
    isSafe: () => isSafe,
  });
  actor = (await rules.spec(new Ticker(clock)).start({} as never)) as Actor;
  await clock.advance(1);
}

/** A reading a second for so long. */
async function measure(value: number, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    read(value);
    await clock.advance(1000);
  }
}

const sets = () => deeds.filter(({ kind }) => kind === 'set');
const told = () => events.after(null, 100).events.map(({ kind, value }) => `${kind} ${value}`);
const state = () => rules.rows()[0]?.state;

describe('a threshold', () => {
  const when = { sensor: 'air', channel: 'temperature', above: 28, until: 26, forMs: 2000 };

  it('holds its output by a lease that it renews in time, and lets go', async () => {
    await start({ when });
    await measure(30, 12);
    expect(state()).toBe('on');
    const times = sets().map(({ at }) => at);
    expect(times[0]).toBeGreaterThanOrEqual(2000);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(LEASE_MS / 2);
    await measure(27, 3);
    expect(state()).toBe('on');
    await measure(26, 1);
    expect(state()).toBe('off');
    expect(deeds.at(-1)).toMatchObject({ kind: 'release', output: 'fan', cause: 'rule', by: 'vent' });
    expect(told()).toEqual(['rule 1', 'rule 0']);
  });

  it('believes no doubtful reading, and lets go when nothing else comes', async () => {
    await start({ when });
    await measure(30, 4);
    for (let i = 0; i < 11; i++) {
      read(30, 'suspect');
      await clock.advance(1000);
    }
    expect(rules.rows()[0]).toMatchObject({
      state: 'failing',
      why: 'No reading of Air temperature that can be believed. Its output is let go until there is one.',
    });
    expect(deeds.at(-1)?.kind).toBe('release');
    const asked = sets().length;
    await clock.advance(10_000);
    expect(sets()).toHaveLength(asked);
    await measure(30, 4);
    expect(state()).toBe('on');
  });

  it('asks again when it is refused, and says why it waits', async () => {
    await start({ when });
    refuse = 'ann holds it for 60 s more';
    await measure(30, 6);
    expect(rules.rows()[0]).toMatchObject({ state: 'waiting', why: refuse });
    refuse = null;
    await measure(30, 2);
    expect(state()).toBe('on');
  });

  it('raises an alarm once', async () => {
    await start({ when, set: undefined, alarm: 'Too hot' });
    await measure(30, 10);
    await measure(20, 2);
    expect(told()).toEqual(['rule 1', 'alarm 1', 'rule 0', 'alarm 0']);
    expect(deeds).toEqual([]);
  });

  it('is off in safe mode', async () => {
    isSafe = true;
    await start({ when });
    await measure(30, 10);
    expect(rules.rows()[0]).toMatchObject({ state: 'failing', why: 'All rules are off in safe mode.' });
    expect(deeds).toEqual([]);
  });
});

describe('a schedule', () => {
  const during = { from: '06:00', to: '20:00' };
  const berlin = (hour: number) => Date.UTC(2026, 6, 15, hour - 2);

  it('follows a clock that jumps, at once and in both directions', async () => {
    await start({ during });
    await clock.advance(1000);
    expect(state()).toBe('on');
    clock.setWall(berlin(23));
    await clock.advance(1000);
    expect(state()).toBe('off');
    clock.setWall(berlin(7));
    await clock.advance(1000);
    expect(state()).toBe('on');
    // a year back, at noon
    clock.setWall(Date.UTC(2025, 6, 15, 10));
    await clock.advance(1000);
    expect(state()).toBe('on');
    expect(told()).toEqual(['rule 1', 'rule 0', 'rule 1']);
  });

  it('keeps its shortest time on by the clock that does not jump', async () => {
    await start({ during, minOnMs: 60_000 });
    await clock.advance(1000);
    clock.setWall(berlin(23));
    await clock.advance(58_000);
    expect(state()).toBe('on');
    await clock.advance(3000);
    expect(state()).toBe('off');
  });

  it('waits in words while nobody has set the clock', async () => {
    source = 'none';
    await start({ during });
    await clock.advance(5000);
    expect(rules.rows()[0]).toMatchObject({ state: 'failing' });
    expect(rules.rows()[0]?.why).toMatch(/Nobody has set this device’s clock/);
    expect(sets()).toEqual([]);
    source = 'laptop';
    await clock.advance(1000);
    expect(state()).toBe('on');
  });
});
