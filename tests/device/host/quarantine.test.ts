/** How often a sensor may bring its host down, and what comes after. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Quarantine } from '../../../device/host/quarantine.ts';

const LIMITS = { intensity: 2, periodMs: 1000, retryMs: 5000 };

it('leaves out the one strike too many, for a while, and no neighbour', () => {
  const quarantine = new Quarantine(LIMITS);
  expect(quarantine.strike('a', 0, 'x')).toBe(false);
  expect(quarantine.strike('b', 0, 'x')).toBe(false);
  expect(quarantine.strike('a', 100, 'x')).toBe(false);
  expect(quarantine.strike('a', 200, 'y')).toBe(true);
  expect(quarantine.out).toEqual(['a']);
  expect(quarantine.of('a')).toMatchObject({ count: 3, cause: 'y', retryAt: 5200 });
  expect(quarantine.takeDue(5199)).toEqual([]);
  expect(quarantine.takeDue(5200)).toEqual(['a']);
  expect(quarantine.out).toEqual([]);
});

it('leaves it out at once when the retry fails, and forgets old strikes when it went well', () => {
  const quarantine = new Quarantine({ ...LIMITS, intensity: 0 });
  expect(quarantine.strike('a', 0, 'x')).toBe(true);
  quarantine.takeDue(5000);
  expect(quarantine.strike('a', 5900, 'x')).toBe(true);

  const patient = new Quarantine(LIMITS);
  for (const at of [0, 1, 2]) patient.strike('a', at, 'x');
  patient.takeDue(6000);
  expect(patient.strike('a', 7500, 'x')).toBe(false);
});

it('never leaves out one that strikes seldom enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 501, max: 5000 }), { maxLength: 50 }), (waits) => {
      const quarantine = new Quarantine(LIMITS);
      let now = 0;
      for (const wait of waits) expect(quarantine.strike('a', (now += wait), 'x')).toBe(false);
    }),
  );
});
