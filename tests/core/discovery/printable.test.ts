import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/core/discovery/printable.ts';

describe('printable', () => {
  it('keeps names of people as they are', () => {
    for (const name of [
      'greenhouse-2',
      'Weather Station 1.5 (roof)',
      'Gewächshaus',
      '水泵 3',
      'pump 🌱',
      'a=b',
    ])
      expect(printable(name, 63)).toBe(name);
  });

  it('takes out control characters, bidi overrides and invisible characters', () => {
    expect(printable('pump\u0000\u001b[31m\n1', 63)).toBe('pump [31m 1');
    expect(printable('nice\u202Egnp.exe', 63)).toBe('nice gnp.exe');
    expect(printable('a\u200Bb\u2028c\uFEFF\uD800', 63)).toBe('a b c');
  });

  it('leaves markup as the text it is', () => {
    expect(printable('<img src=x onerror=alert(1)>', 63)).toBe('<img src=x onerror=alert(1)>');
  });

  it('thins piled-up combining marks', () => {
    expect(printable(`z${'\u0335'.repeat(50)}`, 63).length).toBeLessThan(5);
  });

  it('is printable, bounded and at rest after one pass, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 1, max: 80 }),
        (text, max) => {
          const clean = printable(text, max);
          expect(Array.from(clean).length).toBeLessThanOrEqual(max);
          expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(clean).toBe(clean.trim());
          expect(printable(clean, max)).toBe(clean);
        },
      ),
      { numRuns: 500 },
    );
  });
});
