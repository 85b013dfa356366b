/** Contacts and pulses: bouncing, edges that the kernel dropped, kinds of meters, lines that two want. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpioLines, OnEdge } from '../../../device/bus/gpio-lines.ts';
import { driverById } from '../../../device/drivers/catalog.ts';
import type { Driver, OpenSensor } from '../../../device/drivers/driver.ts';
import { Debounce } from '../../../device/drivers/gpio-input/debounce.ts';
import { PulseCounter } from '../../../device/drivers/pulse-counter/counter.ts';
import { driverBench } from '../../support/driver-bench.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const pulseCounter = driverById('pulse-counter') as Driver;
const gpioInput = driverById('gpio-input') as Driver;

describe('a contact', () => {
  it('that bounces changes once, when it has stood still', () => {
    const contact = new Debounce(20, false);
    for (const [level, at] of [
      [true, 100],
      [false, 102],
      [true, 103],
      [false, 105],
      [true, 106],
    ] as const)
      contact.edge(level, at);
    expect([106, 125, 126].map((at) => contact.level(at))).toEqual([false, false, true]);
  });

  it('says every level that stood long enough, whatever bounced between', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(19), { maxLength: 30 }), fc.boolean(), (gaps, level) => {
        const contact = new Debounce(20, level);
        let at = 0;
        let now = level;
        for (const gap of gaps) {
          at += gap;
          now = !now;
          contact.edge(now, at);
          // no gap is long enough: nothing has changed
          expect(contact.level(at)).toBe(level);
        }
        expect(contact.level(at + 20)).toBe(now);
      }),
    );
  });

  it('in the drive of its driver is 1 while the line is active, and its line is given back', async () => {
    const here = driverBench(gpioInput, { sim: 'switch', options: { line: 17, activeLow: true } });
    here.chip.hold('level', 1);
    const sensor = await here.open();
    await here.clock.advance(100);
    expect((await here.read(sensor)).values).toEqual([0]);
    here.chip.hold('level', 0);
    await here.clock.advance(100);
    expect((await here.read(sensor)).values).toEqual([1]);
    await expect(here.open()).rejects.toMatchObject({ code: 'BUS_MISSING' });
    sensor.close?.();
    await expect(here.open()).resolves.toBeDefined();
  });

  it.each([{}, { line: 17, debounceMs: -1 }, { line: 17, bias: 'up' }, { line: 17, colour: 1 }])(
    'of options %j is refused by name',
    async (options) => {
      const here = driverBench(gpioInput, { sim: 'switch', options });
      await expect(here.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );
});

/** Lines whose edges a test tells. */
function told(): { lines: GpioLines; edge: OnEdge } {
  let onEdge: OnEdge = () => {};
  return {
    lines: {
      kind: 'gpio',
      id: 'gpiochip0',
      async input(_line, _setup, callback) {
        onEdge = callback;
        return { active: async () => false, close: () => {} };
      },
    },
    edge: (active, atMs, sequence) => onEdge(active, atMs, sequence),
  };
}

async function counting(options: Record<string, unknown>) {
  const clock = new FakeClock();
  const { lines, edge } = told();
  const context = {
    bus: lines,
    address: 0,
    options: { line: 4, ...options },
    machine: undefined as never,
    clock,
  };
  const sensor: OpenSensor = await pulseCounter.open(context);
  const names = pulseCounter.channels(context).map(({ channel, quantity }) => `${channel} ${quantity}`);
  return {
    clock,
    edge,
    names,
    async read() {
      const values = new Float64Array(names.length);
      await sensor.read(values, new Uint8Array(names.length));
      return [...values];
    },
  };
}

describe('a pulse counter', () => {
  it.each([
    // 5 pulses in 10 s
    ['pulses', 1, ['total count', 'rate frequency'], [5, 0.5]],
    ['flow', 0.002, ['total volume', 'rate flow'], [0.01, 0.001]],
    ['rain', 0.2794, ['total rain', 'rate rainRate'], [1.397, 502.92]],
    ['wind', 0.667, ['rate speed'], [0.3335]],
  ])('of %s gives amount and rate', async (kind, perPulse, names, wanted) => {
    const meter = await counting({ kind, perPulse });
    expect(meter.names).toEqual(names);
    for (let i = 0; i < 5; i++) {
      meter.edge(true, 1000 + i * 1000, 2 * i + 1);
      meter.edge(false, 1500 + i * 1000, 2 * i + 2);
    }
    await meter.clock.advance(10_000);
    expect(await meter.read()).toEqual(wanted.map((value) => expect.closeTo(value, 9)));
    await meter.clock.advance(10_000);
    expect((await meter.read()).at(-1)).toBe(0);
  });

  it('has no rate before it has counted for a second', async () => {
    const meter = await counting({ kind: 'wind' });
    await meter.clock.advance(500);
    expect(await meter.read()).toEqual([Number.NaN]);
  });

  it('takes bounces of a reed contact for one pulse', () => {
    const counter = new PulseCounter(10);
    let sequence = 0;
    for (const at of [0, 1, 3, 50, 51, 52, 100]) {
      counter.edge(true, at, ++sequence);
      counter.edge(false, at + 0.5, ++sequence);
    }
    expect(counter.count).toBe(3);
  });

  it('counts every pulse, however many edges in a row the kernel could not hold', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (kept) => {
        const counter = new PulseCounter(0);
        // the last edge always arrives: what was lost is seen then
        const seen = [...kept, true];
        for (const [i, arrives] of seen.entries()) if (arrives) counter.edge(i % 2 === 0, i * 10, i + 1);
        expect(counter.count).toBe(Math.ceil(seen.length / 2));
      }),
    );
  });
});

describe('an edge storm of 50,000 a second', () => {
  it('is counted to the last pulse, for a small share of the processor', async () => {
    const meter = await counting({ kind: 'pulses' });
    const seconds = 10;
    const { user: before } = process.cpuUsage();
    for (let i = 0; i < 50_000 * seconds; i++) meter.edge(i % 2 === 0, i / 50, i + 1);
    const cpuMs = (process.cpuUsage().user - before) / 1000;
    await meter.clock.advance(1000 * seconds);
    expect(await meter.read()).toEqual([25_000 * seconds, 25_000]);
    expect(cpuMs / (1000 * seconds)).toBeLessThan(0.1);
  });
});
