import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isOlder } from '../../../device/firmware/version-order.ts';

it.each([
  ['1.0.0', '1.0.1'],
  ['1.9.0', '1.10.0'],
  ['2', '2.0.1'],
  // the row of Semantic Versioning 2.0.0, section 11
  ['1.0.0-alpha', '1.0.0-alpha.1'],
  ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
  ['1.0.0-alpha.beta', '1.0.0-beta'],
  ['1.0.0-beta.2', '1.0.0-beta.11'],
  ['1.0.0-rc.1', '1.0.0'],
])('%s is older than %s', (older, newer) => {
  expect(isOlder(older, newer)).toBe(true);
  expect(isOlder(newer, older)).toBe(false);
});

it('is older than nothing of the same rank', () => {
  expect(isOlder('1.0.0+a', '1.0.0+b')).toBe(false);
  expect(isOlder('1.0', '1.0.0')).toBe(false);
});

it('never says both ways', () => {
  const part = fc.constantFrom('0', '1', '10', 'a', 'b');
  const version = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.array(part, { maxLength: 2 }))
    .map(([main, pre]) => main.join('.') + (pre.length > 0 ? `-${pre.join('.')}` : ''));
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isOlder(a, b) && isOlder(b, a)).toBe(false);
      expect(isOlder(a, a)).toBe(false);
    }),
  );
});
