/** The judgement about a rule: the same whether time comes in ticks, in readings, or at the moments it asks for. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTimes } from '../../src/shared/local-time.ts';
import { ruleSchema, type Rule } from '../../src/shared/rule.ts';
import { nextLook, startRule, stepRule, type RuleState } from '../../src/shared/rule-machine.ts';
import { RuleSimulation } from '../../src/shared/rule-simulation.ts';

const STALE_MS = 10_000;
const when = { sensor: 'air', channel: 'temperature' };
const set = { output: 'fan' };
const rule = (more: object): Rule => ruleSchema.parse({ id: 'r', set, ...more });

/** Switches of a rule over readings `[at, value]`, looked at every `tickMs`. */
function run(of: Rule, readings: [number, number][], to: number, tickMs: number): [number, boolean][] {
  let state = startRule(0);
  const out: [number, boolean][] = [];
  const step = (at: number, value: number | null): void => {
    const event = value === null ? ({ kind: 'time' } as const) : ({ kind: 'reading', value } as const);
    const next = stepRule(of, STALE_MS, state, event, { at, local: null });
    state = next.state;
    for (const action of next.actions) if (action.do === 'switch') out.push([at, action.on]);
  };
  let i = 0;
  for (let at = 0; at <= to; at += tickMs) {
    for (; i < readings.length && (readings[i]?.[0] ?? 0) <= at; i++)
      step(...(readings[i] as [number, number]));
    step(at, null);
  }
  return out;
}

describe('a threshold', () => {
  it('has a hysteresis and a duration', () => {
    const hot = rule({ when: { ...when, above: 28, until: 26, forMs: 3000 } });
    const readings: [number, number][] = [27, 29, 29, 27.5, 29, 29, 27, 26.5, 25.9, 27, 29].map((v, i) => [
      i * 1000,
      v,
    ]);
    // 27.5 does not end what began at 29; 25.9 does
    expect(run(hot, readings, 11_000, 500)).toEqual([
      [4000, true],
      [8000, false],
    ]);
  });

  it('works downwards too', () => {
    const dry = rule({ when: { ...when, below: 30, until: 40 } });
    const readings: [number, number][] = [35, 30, 29, 35, 39, 40, 35].map((v, i) => [i * 1000, v]);
    expect(run(dry, readings, 7000, 1000)).toEqual([
      [2000, true],
      [5000, false],
    ]);
  });

  it('stays on for its shortest time, and ends with its longest until its reason was gone', () => {
    const limited = rule({ when: { ...when, above: 0 }, minOnMs: 3000, maxOnMs: 5000 });
    const values = [1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 1, 1];
    const readings = values.map((v, i): [number, number] => [i * 1000, v]);
    expect(run(limited, readings, 15_000, 250)).toEqual([
      [0, true],
      [3000, false],
      [5000, true],
      [10_000, false],
      [14_000, true],
    ]);
  });

  it('ends when nothing is heard, also within its shortest time', () => {
    const of = rule({ when: { ...when, above: 0 }, minOnMs: 60_000 });
    expect(run(of, [[0, 1]], 20_000, 500)).toEqual([
      [0, true],
      [10_000, false],
    ]);
  });
});

describe('a schedule', () => {
  const berlin = localTimes('Europe/Berlin');
  const isOn = (of: Rule, wallMs: number): boolean =>
    stepRule(of, STALE_MS, startRule(0), { kind: 'time' }, { at: 0, local: berlin(wallMs) }).state.on;

  it('knows the day on which a night begins', () => {
    const night = rule({ during: { days: ['fri'], from: '22:00', to: '06:00' } });
    // 17 July 2026 is a Friday; Berlin is two hours ahead
    expect(isOn(night, Date.UTC(2026, 6, 17, 19, 59))).toBe(false);
    expect(isOn(night, Date.UTC(2026, 6, 17, 20, 0))).toBe(true);
    expect(isOn(night, Date.UTC(2026, 6, 18, 3, 59))).toBe(true);
    expect(isOn(night, Date.UTC(2026, 6, 18, 4, 0))).toBe(false);
    expect(isOn(night, Date.UTC(2026, 6, 17, 3, 0))).toBe(false);
  });

  it('follows summer time', () => {
    const at8 = rule({ during: { from: '08:00', to: '08:01' } });
    expect(isOn(at8, Date.UTC(2026, 2, 28, 7, 0))).toBe(true);
    expect(isOn(at8, Date.UTC(2026, 2, 29, 6, 0))).toBe(true);
    expect(isOn(at8, Date.UTC(2026, 2, 29, 7, 0))).toBe(false);
  });

  it('tells the same local time as the platform, whatever the zone', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2040, 0, 1) }),
        (timeZone, at) => {
          const told = new Intl.DateTimeFormat('en-GB', {
            timeZone,
            weekday: 'short',
            hour: '2-digit',
            minute: '2-digit',
            second: '2-digit',
            hourCycle: 'h23',
          }).formatToParts(at);
          const part = (type: string) => told.find((p) => p.type === type)?.value ?? '';
          const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
          expect(localTimes(timeZone)(at)).toEqual({
            weekday: days.indexOf(part('weekday')),
            minute: Number(part('hour')) * 60 + Number(part('minute')),
            second: Number(part('second')),
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('whatever is read', () => {
  const anyRule = fc
    .record({
      forMs: fc.constantFrom(0, 700, 3000),
      minOnMs: fc.constantFrom(undefined, 1500),
      maxOnMs: fc.constantFrom(undefined, 2500, 9000),
    })
    .map(({ forMs, ...limits }) => rule({ when: { ...when, above: 1, until: -1, forMs }, ...limits }));
  const anyReadings = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 15_000 }), fc.constantFrom(-2, 0, 2, Number.NaN)), {
      maxLength: 40,
    })
    .map((steps) => {
      let at = 0;
      return steps.map(([ms, value]): [number, number] => [(at += ms), value]);
    });

  it('looking at the moments it asks for is as good as looking all the time', () => {
    fc.assert(
      fc.property(anyRule, anyReadings, (of, readings) => {
        const to = (readings.at(-1)?.[0] ?? 0) + 20_000;
        const simulation = new RuleSimulation({ rule: of, timeZone: 'UTC', staleMs: STALE_MS, from: 0, to });
        simulation.add({
          t: Float64Array.from(readings, ([at]) => at),
          value: Float64Array.from(readings, ([, value]) => value),
          quality: new Uint8Array(readings.length),
        });
        const { switches, times, onMs } = simulation.end();
        const always = run(of, readings, to, 1).map(([at, on]) => ({ at, on }));
        expect(switches).toEqual(always);
        expect(times).toBe(always.filter(({ on }) => on).length);
        expect(onMs).toBe(
          always.reduce((sum, { at, on }, i) => (on ? sum + ((always[i + 1]?.at ?? to) - at) : sum), 0),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('is never on beyond its longest time, and never asks to be looked at in the past', () => {
    fc.assert(
      fc.property(anyRule, anyReadings, (of, readings) => {
        let state: RuleState = startRule(0);
        for (const [at, value] of readings) {
          state = stepRule(of, STALE_MS, state, { kind: 'reading', value }, { at, local: null }).state;
          expect(state.on ? at - (state.since ?? 0) : 0).toBeLessThan(of.maxOnMs ?? Infinity);
          const next = nextLook(of, STALE_MS, state, { at, local: null });
          expect(next ?? Infinity).toBeGreaterThan(at);
        }
      }),
    );
  });
});
