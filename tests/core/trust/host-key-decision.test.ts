import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideHostKey } from '../../../src/core/trust/host-key-decision.ts';

it.each([
  [null, null, 'k', 'new'],
  [null, 'k', 'k', 'confirmed'],
  [null, 'other', 'k', 'new'],
  ['k', null, 'k', 'trusted'],
  ['k', 'other', 'k', 'trusted'],
  ['pin', null, 'k', 'changed'],
  // Confirming a key in passing must not replace a pin.
  ['pin', 'k', 'k', 'changed'],
] as const)('pinned %s, confirmed %s, offered %s: %s', (pinned, confirmed, offered, verdict) => {
  expect(decideHostKey({ pinned, confirmed }, offered)).toBe(verdict);
});

it('never goes on with a key that is neither pinned nor, without a pin, confirmed', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const maybe = fc.option(key);
  fc.assert(
    fc.property(maybe, maybe, key, (pinned, confirmed, offered) => {
      const goesOn = ['trusted', 'confirmed'].includes(decideHostKey({ pinned, confirmed }, offered));
      expect(goesOn).toBe((pinned ?? confirmed) === offered);
    }),
  );
});
