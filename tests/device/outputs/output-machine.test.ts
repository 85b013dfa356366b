/** What holds of outputs whatever happens in whatever order, and what each event does. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputEvent, OutputLimits } from '../../../device/outputs/output-machine.ts';
import { limits, OutputBench, SLOW_MS } from '../../support/output-bench.ts';

describe('a lease', () => {
  it('holds until it ends, then falls safe with a note of who let it end', () => {
    const bench = new OutputBench({ outputs: [limits('valve')], interlocks: [] });
    bench.start();
    bench.set('valve', 1, { forMs: 600 });
    bench.wait(599);
    expect(bench.lines.get('valve')).toBe(1);
    bench.wait(1);
    expect(bench.lines.get('valve')).toBe(0);
    expect(bench.notes.at(-1)).toEqual({
      output: 'valve',
      value: 0,
      before: 1,
      cause: 'lease',
      by: 'ann',
      refused: null,
    });
  });

  it('is renewed without a word', () => {
    const bench = new OutputBench({ outputs: [limits('valve')], interlocks: [] });
    bench.start();
    for (let i = 0; i < 10; i++) {
      bench.set('valve', 1, { cause: 'rule', by: 'water' });
      bench.wait(900);
    }
    expect(bench.lines.get('valve')).toBe(1);
    expect(bench.notes.filter(({ cause }) => cause !== 'boot')).toHaveLength(1);
  });

  it('of a person is not taken by a rule; given back, the rule may', () => {
    const bench = new OutputBench({ outputs: [limits('fan')], interlocks: [] });
    bench.start();
    bench.set('fan', 0, { forMs: 60_000 });
    expect(bench.set('fan', 1, { cause: 'rule', by: 'vent' })).toMatch(/ann holds it for 60 s/);
    bench.do({ kind: 'release', output: 'fan', cause: 'person', by: 'bob' });
    bench.set('fan', 1, { cause: 'rule', by: 'vent' });
    expect(bench.lines.get('fan')).toBe(1);
    // a person giving back has nothing to give back now
    bench.do({ kind: 'release', output: 'fan', cause: 'person', by: 'bob' });
    expect(bench.lines.get('fan')).toBe(1);
  });

  it('may leave an output as it is, where its policy says so', () => {
    const bench = new OutputBench({ outputs: [limits('lamp', { onLeaseEnd: 'hold' })], interlocks: [] });
    bench.start();
    bench.set('lamp', 1);
    bench.wait(5000);
    expect(bench.lines.get('lamp')).toBe(1);
    expect(bench.notes.at(-1)).toMatchObject({ cause: 'lease', value: 1, before: 1 });
  });
});

describe('limits', () => {
  it('end what is on for too long, and a rule has to let go before it goes on', () => {
    const bench = new OutputBench({ outputs: [limits('valve', { maxOnMs: 3000 })], interlocks: [] });
    bench.start();
    const rule = { cause: 'rule' as const, by: 'water' };
    for (let i = 0; i < 10; i++) {
      bench.set('valve', 1, rule);
      bench.wait(500);
    }
    expect(bench.lines.get('valve')).toBe(0);
    expect(bench.notes.find(({ cause }) => cause === 'limit')).toMatchObject({ value: 0, before: 1 });
    expect(bench.set('valve', 1, rule)).toMatch(/longest time/);
    bench.do({ kind: 'release', output: 'valve', ...rule });
    bench.set('valve', 1, rule);
    expect(bench.lines.get('valve')).toBe(1);
  });

  it('keep it off for its shortest time, from the start of the daemon on', () => {
    const bench = new OutputBench({ outputs: [limits('compressor', { minOffMs: 180_000 })], interlocks: [] });
    bench.start();
    expect(bench.set('compressor', 1)).toBe('it must stay off for 180 s more');
    bench.wait(180_000);
    bench.set('compressor', 1);
    expect(bench.lines.get('compressor')).toBe(1);
    bench.set('compressor', 0);
    bench.wait(1000);
    expect(bench.set('compressor', 1)).toBe('it must stay off for 179 s more');
  });
});

describe('the start', () => {
  it('applies each policy', () => {
    const bench = new OutputBench({
      outputs: [
        limits('a'),
        limits('b', { onBoot: 'hold' }),
        limits('c', { onBoot: 'last' }),
        limits('d', { safe: 1 }),
      ],
      interlocks: [],
    });
    for (const id of ['a', 'b']) bench.lines.set(id, 1);
    bench.start('boot', { a: 1, c: 0.4 });
    expect(Object.fromEntries(bench.lines)).toEqual({ a: 0, b: 1, c: 0.4, d: 1 });
    // what is kept is not kept for ever
    bench.wait(1000);
    expect(Object.fromEntries(bench.lines)).toEqual({ a: 0, b: 0, c: 0, d: 1 });
  });

  it('makes all safe when the process that held them died', () => {
    const bench = new OutputBench({ outputs: [limits('b', { onBoot: 'hold' })], interlocks: [] });
    bench.lines.set('b', 1);
    bench.start('host');
    expect(bench.lines.get('b')).toBe(0);
    expect(bench.notes).toEqual([{ output: 'b', value: 0, before: 1, cause: 'host', by: '', refused: null }]);
  });

  it('lets only one of an interlock keep being on', () => {
    const outputs = [limits('up', { onBoot: 'hold' }), limits('down', { onBoot: 'hold' })];
    const bench = new OutputBench({ outputs, interlocks: [['up', 'down']] });
    bench.lines.set('up', 1).set('down', 1);
    bench.start();
    expect(Object.fromEntries(bench.lines)).toEqual({ up: 1, down: 0 });
  });
});

describe('a line that cannot be written', () => {
  it('counts as on for its interlocks, is tried again, and is safe when it obeys', () => {
    const bench = new OutputBench({ outputs: [limits('up'), limits('down')], interlocks: [['up', 'down']] });
    bench.start();
    bench.set('up', 1);
    bench.broken.add('up');
    bench.set('up', 0);
    expect(bench.lines.get('up')).toBe(1);
    expect(bench.set('down', 1)).toMatch(/up may be on/);
    bench.wait(5000);
    expect(bench.notes.filter(({ refused }) => refused === 'its line could not be written')).toHaveLength(1);
    bench.broken.clear();
    bench.wait(1000);
    expect(bench.lines.get('up')).toBe(0);
    bench.set('down', 1);
    expect(bench.lines.get('down')).toBe(1);
  });
});

it('falls safe as a whole when the daemon ends', () => {
  const bench = new OutputBench({ outputs: [limits('a'), limits('b', { safe: 1 })], interlocks: [] });
  bench.start();
  bench.set('a', 1);
  bench.set('b', 0);
  bench.do({ kind: 'stop' });
  expect(Object.fromEntries(bench.lines)).toEqual({ a: 0, b: 1 });
});

describe('a slow output', () => {
  const interlocks = [['pump', 'drain']];

  it('keeps its partner off until it is certain that it is off', () => {
    const bench = new OutputBench({ outputs: [limits('pump', { slow: true }), limits('drain')], interlocks });
    bench.start();
    expect(bench.set('drain', 1)).toContain('pump may be on until it is certain');
    bench.wait(SLOW_MS);
    expect(bench.set('pump', 1)).toBeNull();
    bench.wait(SLOW_MS);
    bench.set('pump', 0);
    expect(bench.set('drain', 1)).toContain('pump may be on until it is certain');
    bench.wait(SLOW_MS);
    expect(bench.set('drain', 1)).toBeNull();
  });

  it('that does not answer is tried again until it is safe, and tells so once', () => {
    const bench = new OutputBench({ outputs: [limits('pump', { slow: true }), limits('drain')], interlocks });
    bench.start();
    bench.wait(SLOW_MS);
    bench.broken.add('pump');
    bench.set('pump', 1);
    bench.wait(5000);
    expect(bench.set('pump', 1)).toContain('cannot be written now');
    expect(bench.set('drain', 1)).toContain('pump may be on');
    expect(bench.lines.get('pump')).toBe(1);
    bench.broken.delete('pump');
    bench.wait(2000);
    expect(bench.lines.get('pump')).toBe(0);
    expect(bench.notes.filter(({ refused }) => refused === 'its line could not be written')).toHaveLength(1);
    expect(bench.set('drain', 1)).toBeNull();
  });
});

// ---- whatever the order

const ids = ['a', 'b', 'c', 'd'] as const;
const planWith = (slow: fc.Arbitrary<boolean>) =>
  fc
    .record({
      outputs: fc.tuple(
        ...ids.map((id) =>
          fc.record({
            id: fc.constant(id as string),
            safe: fc.constant(0),
            onBoot: fc.constantFrom('safe' as const, 'hold' as const),
            onLeaseEnd: fc.constant('safe' as const),
            leaseMs: fc.integer({ min: 100, max: 3000 }),
            minOffMs: fc.constantFrom(0, 500, 2000),
            maxOnMs: fc.constantFrom(null, 700, 4000),
            slow,
          }),
        ),
      ),
      interlocks: fc.constantFrom(
        [],
        [['a', 'b']],
        [['a', 'b', 'c']],
        [
          ['a', 'b'],
          ['b', 'c'],
          ['c', 'd'],
        ],
      ),
    })
    // a limit means that nothing is kept over a start (output-config.ts)
    .map(({ outputs, interlocks }) => ({
      interlocks,
      outputs: outputs.map((o) => (o.maxOnMs === null ? o : { ...o, onBoot: 'safe' as const })),
    }));

type Deed =
  | { kind: 'set'; output: string; value: number; forMs: number | null; cause: 'person' | 'rule'; by: string }
  | { kind: 'release'; output: string; cause: 'person' | 'rule'; by: string }
  | { kind: 'wait'; ms: number }
  | { kind: 'restart'; why: 'boot' | 'host' }
  | { kind: 'breaks' | 'mends'; output: string }
  | { kind: 'stop' };

const output = fc.constantFrom(...ids);
const cause = fc.constantFrom('person' as const, 'rule' as const);
const by = fc.constantFrom('x', 'y');
const deed = (faults: boolean): fc.Arbitrary<Deed> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        output,
        value: fc.constantFrom(0, 0.3, 1, 1),
        forMs: fc.option(fc.integer({ min: 100, max: 5000 })),
        cause,
        by,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), output, cause, by }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 3000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('restart' as const),
        why: fc.constantFrom('boot' as const, 'host' as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'stop' as const }) },
    ...(faults
      ? [
          {
            weight: 2,
            arbitrary: fc.record({ kind: fc.constantFrom('breaks' as const, 'mends' as const), output }),
          },
        ]
      : []),
  );

function carryOut(bench: OutputBench, deeds: readonly Deed[], onDeed: (deed: Deed) => void): void {
  bench.start();
  for (const one of deeds) {
    if (one.kind === 'wait') bench.wait(one.ms);
    else if (one.kind === 'restart') bench.start(one.why);
    else if (one.kind === 'breaks') bench.broken.add(one.output);
    else if (one.kind === 'mends') bench.broken.delete(one.output);
    else bench.do(one as OutputEvent);
    onDeed(one);
  }
}

describe('whatever happens in whatever order', () => {
  it('never has two of an interlock on, also while lines fail', () => {
    fc.assert(
      fc.property(planWith(fc.boolean()), fc.array(deed(true), { maxLength: 60 }), (p, deeds) => {
        const bench = new OutputBench(p);
        bench.onWrite = () => {
          for (const group of p.interlocks)
            expect(group.filter((id) => (bench.lines.get(id) ?? 0) > 0).length).toBeLessThanOrEqual(1);
        };
        carryOut(bench, deeds, () => {});
      }),
      { numRuns: 400 },
    );
  });

  it('is never on beyond its hold or its longest time, never soon after it went off, and ends safe', () => {
    fc.assert(
      fc.property(planWith(fc.constant(false)), fc.array(deed(false), { maxLength: 60 }), (p, deeds) => {
        const bench = new OutputBench(p);
        const heldUntil = new Map<string, number>();
        const onSince = new Map<string, number>();
        const offSince = new Map<string, number>();
        let tooSoon = false;
        bench.onWrite = (id, value) => {
          const { minOffMs } = p.outputs.find((o) => o.id === id) as OutputLimits;
          const wasOn = onSince.has(id);
          if (value > 0 && !wasOn) {
            onSince.set(id, bench.at);
            // the first write of a start keeps what the line shows
            tooSoon ||= bench.at - (offSince.get(id) ?? -Infinity) < minOffMs;
          } else if (value === 0) {
            onSince.delete(id);
            if (wasOn || !offSince.has(id)) offSince.set(id, bench.at);
          }
        };
        carryOut(bench, deeds, (one) => {
          if (one.kind === 'restart')
            for (const { id, leaseMs } of p.outputs) heldUntil.set(id, bench.at + leaseMs);
          if (one.kind === 'set') {
            const { leaseMs } = p.outputs.find((o) => o.id === one.output) as OutputLimits;
            const until = bench.at + (one.forMs ?? leaseMs);
            heldUntil.set(one.output, Math.max(until, heldUntil.get(one.output) ?? 0));
          }
          for (const { id, maxOnMs } of p.outputs) {
            if (!onSince.has(id)) continue;
            expect(bench.at).toBeLessThanOrEqual(heldUntil.get(id) ?? 0);
            expect(bench.at - (onSince.get(id) ?? 0)).toBeLessThanOrEqual(maxOnMs ?? Infinity);
          }
        });
        expect(tooSoon).toBe(false);
        bench.wait(10_000);
        for (const { id } of p.outputs) expect(bench.lines.get(id)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });
});
