/**
 * An edge storm of 50,000 a second on a GPIO line, in the daemon as a process and through Linux' own interface: counted,
 * and nobody else notices.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cursor } from '../../src/shared/reading.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { withGpioChip } from '../support/gpio-chip.ts';
import { need } from '../support/need.ts';

const CONFIG = {
  version: 1,
  name: 'storm',
  buses: [
    {
      id: 'gpio',
      kind: 'sim-gpio',
      chips: [
        { chip: 'pulses', line: 4, rate: { mean: 25_000, swing: 0 } },
        { chip: 'switch', line: 5 },
      ],
    },
  ],
  sensors: [
    { id: 'meter', driver: 'pulse-counter', bus: 'gpio', options: { line: 4 } },
    { id: 'door', driver: 'gpio-input', bus: 'gpio', periodMs: 100, options: { line: 5 } },
  ],
};

let prefix: TestPrefix;
beforeEach(() => {
  prefix = new TestPrefix();
  prefix.config(JSON.stringify(CONFIG));
});
afterEach(() => prefix.remove());

it('is counted at its rate, and the contact beside it goes on', async () => {
  await prefix.run();
  const client = await prefix.connect();
  const values = new Map<number, number[]>();
  let after: Cursor | null = null;
  const deadline = Date.now() + 60_000;
  const enough = () => Math.max(0, ...[...values.values()].map(({ length }) => length)) >= 60;
  while (!enough() && Date.now() < deadline) {
    const answer = await client.call.pull({ after, maxBytes: 1_000_000, waitMs: 2000 });
    for (const { run, batch, data } of answer.batches) {
      after = { run, batch };
      const { channel, value } = unpack(data);
      for (const [i, number] of channel.entries())
        values.set(number, [...(values.get(number) ?? []), value[i] as number]);
    }
  }
  const channels = (await client.call.runs({ from: 1 })).runs[0]?.channels ?? [];
  const of = (sensor: string, name: string) =>
    values.get(channels.find((row) => row.sensor === sensor && row.channel === name)?.index ?? -1) ?? [];
  const rates = of('meter', 'rate').filter(Number.isFinite);
  expect(rates.length).toBeGreaterThanOrEqual(3);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  expect(mean).toBeGreaterThan(24_000);
  expect(mean).toBeLessThan(26_000);
  // both edges of every pulse were told, in order, with none counted twice
  const totals = of('meter', 'total');
  expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  expect(of('door', 'state').filter(Number.isFinite).length).toBeGreaterThanOrEqual(50);
  const { rows } = await client.call.tree({});
  expect(rows.filter(({ restarts }) => restarts > 0)).toEqual([]);
});

describe.skipIf(!need('gcc'))("through the kernel's interface", () => {
  it('every pulse is counted once, and the process goes on with its work', { timeout: 90_000 }, async () => {
    const saw = await withGpioChip('edge-storm-child.ts');
    expect(saw).toMatchObject({ told: 100_000, counted: 50_000, risesOnly: true });
    // of 200 wanted in two seconds, on a machine that may be busy
    expect(saw['readings']).toBeGreaterThanOrEqual(20);
  });
});
