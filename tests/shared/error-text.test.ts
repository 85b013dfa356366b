import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText } from '../../src/shared/error-text.ts';
import { ERROR_CODES, type ErrorCode, type ErrorDetails } from '../../src/shared/errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
/** Every fact that any sentence may quote. */
const FACTS: ErrorDetails = {
  name: 'greenhouse-2',
  host: '10.0.0.7',
  port: 22,
  user: 'pi',
  path: '/media/stick/x.csv',
  reason: 'read-only file system',
  arch: 'armv6l',
  system: 'Alpine Linux',
  needed: 41_000_000,
  free: 3_000_000,
  step: 'copy the runtime',
  expected: 1,
  actual: 2,
  field: 'port',
  bus: 'i2c-1',
  address: '0x76',
  sensor: 'air',
  driver: 'bme280',
  trustedAt: Date.UTC(2026, 4, 3, 12),
};
/** Words for engineers; they belong into the folded details. */
const JARGON =
  /ECONN|EACCES|ENO|undefined|null|NaN|\[object|stack|exception|errno|verification failed|[A-Z]+_[A-Z_]+/;

describe.each(CODES)('the words of %s', (code) => {
  it.each([
    ['with every fact', FACTS],
    ['without any', {}],
  ])('are whole, plain sentences %s', (_what, details) => {
    const { title, next } = errorText(code, details);
    for (const sentence of [title, next]) {
      expect(sentence).toMatch(/^[A-Z/0-9a-z].*\.$/);
      expect(sentence).not.toMatch(JARGON);
      expect(sentence).not.toMatch(/ {2}|\( ?\)|""|\.\.| [.,:]/);
      expect(sentence.length).toBeLessThan(220);
    }
  });

  it('are never broken by odd facts', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(FACTS)), value), (details) => {
        const { title, next } = errorText(code, details);
        expect(title.length * next.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the sentences of the design', () => {
  it('says what answers and what to switch on', () => {
    expect(errorText('PORT_CLOSED', { name: 'greenhouse-2' }).title).toBe(
      'greenhouse-2 answers, but SSH is off.',
    );
  });

  it('says when the box was trusted', () => {
    expect(errorText('HOST_KEY_CHANGED', FACTS).title).toBe(
      'This is not the box you trusted on 3 May 2026: its key is different.',
    );
  });

  it('counts room in megabytes', () => {
    expect(errorText('DISK_FULL', FACTS).title).toBe(
      'There is no room on greenhouse-2: 41 MB are needed, 3 MB are free.',
    );
  });
});
