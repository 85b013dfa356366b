import { describe, expect, it } from 'vitest';
import { isPlausibleResponse, packetBudget } from '../../../src/core/discovery/packet-gate.ts';

function header(flags: number, counts: [number, number, number, number], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, flags);
  counts.forEach((count, i) => view.setUint16(4 + 2 * i, count));
  return bytes;
}

describe('isPlausibleResponse', () => {
  it('passes a response that is long enough for its records', () => {
    expect(isPlausibleResponse(header(0x8400, [0, 1, 0, 1], 12 + 22), 5353)).toBe(true);
  });

  it.each([
    ['promises more records than fit', header(0x8400, [0, 65_535, 65_535, 65_535], 23), 5353],
    ['is one byte short', header(0x8400, [0, 1, 0, 1], 12 + 21), 5353],
    ['is a query', header(0x0000, [1, 0, 0, 0], 40), 5353],
    ['has another opcode', header(0x8800, [0, 1, 0, 0], 40), 5353],
    ['comes from another port', header(0x8400, [0, 1, 0, 0], 40), 40_000],
    ['is too long', header(0x8400, [0, 1, 0, 0], 18_001), 5353],
    ['has no whole header', new Uint8Array(11), 5353],
    ['is empty', new Uint8Array(0), 5353],
  ])('refuses a packet that %s', (_why, bytes, port) => {
    expect(isPlausibleResponse(bytes, port)).toBe(false);
  });

  it('spends a budget that time fills again', () => {
    const budget = packetBudget();
    let passed = 0;
    for (let i = 0; i < 10_000; i++) if (budget.take(0)) passed++;
    expect(passed).toBe(4000);
    expect(budget.take(0)).toBe(false);
    expect(budget.take(1)).toBe(true);
  });
});
