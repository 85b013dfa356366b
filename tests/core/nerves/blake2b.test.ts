import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blake2b } from '../../../src/core/nerves/blake2b.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** RFC 7693 appendix E: the deterministic sequence of its self-test. */
function sequence(length: number, seed: number): Buffer {
  const out = Buffer.alloc(length);
  let a = Math.imul(0xdead4bad, seed) >>> 0;
  let b = 1;
  for (let i = 0; i < length; i++) {
    const t = (a + b) >>> 0;
    a = b;
    b = t;
    out[i] = t >>> 24;
  }
  return out;
}

describe('blake2b', () => {
  it('gives the digest of RFC 7693 appendix A', () => {
    expect(hex(new Blake2b(64).update(Buffer.from('abc')).digest())).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    );
  });

  it('gives the known digests of 32 bytes', () => {
    // BLAKE2's published test vectors for a 256-bit digest
    expect(hex(new Blake2b(32).digest())).toBe(
      '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
    );
    expect(hex(new Blake2b(32).update(Buffer.from('abc')).digest())).toBe(
      'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
    );
  });

  it('passes the self-test of RFC 7693 appendix E, without its keyed half, against an independent hash', () => {
    for (const length of [0, 3, 128, 129, 255, 1024]) {
      const input = sequence(length, length);
      expect(hex(new Blake2b(64).update(input).digest())).toBe(
        createHash('blake2b512').update(input).digest('hex'),
      );
    }
  });

  it('does not care how its input is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
        const cut = new Blake2b(64);
        for (const piece of pieces) cut.update(piece);
        expect(hex(cut.digest())).toBe(createHash('blake2b512').update(Buffer.concat(pieces)).digest('hex'));
      }),
    );
  });
});
