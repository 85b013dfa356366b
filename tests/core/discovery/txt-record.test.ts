import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTxt } from '../../../src/core/discovery/txt-record.ts';

const strings = (...items: string[]) => items.map((item) => Buffer.from(item));

describe('parseTxt', () => {
  it('reads keys and values; the first of two keys counts; a key without = is empty (RFC 6763 6.4)', () => {
    expect(parseTxt(strings('ID=abc', 'id=other', 'v=1.2=3', 'flag', '=lost', ''))).toEqual({
      id: 'abc',
      v: '1.2=3',
      flag: '',
    });
  });

  it('cleans values and refuses keys that are not plain', () => {
    expect(parseTxt(strings('p=a\u0007b\u202Ec', 'ke y=1', '<b>=1'))).toEqual({ p: 'a b c' });
  });

  it('does not touch prototypes', () => {
    const txt = parseTxt(strings('__proto__=x', 'constructor=y'));
    expect(Object.getPrototypeOf(txt)).toBe(Object.prototype);
    expect(txt['constructor']).toBe('y');
  });

  it('stays small and printable, whatever comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 400 }), (raw) => {
        const txt = parseTxt(raw);
        expect(Object.keys(txt).length).toBeLessThanOrEqual(24);
        for (const [key, value] of Object.entries(txt)) {
          expect(key).toMatch(/^[a-z0-9][a-z0-9_.-]{0,31}$/);
          expect(Array.from(value).length).toBeLessThanOrEqual(200);
        }
      }),
    );
  });
});
