import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../renderer/text/address.ts';

describe('parseAddress', () => {
  it.each([
    ['greenhouse-2.local', { host: 'greenhouse-2.local', port: 22 }],
    ['  10.0.0.7 ', { host: '10.0.0.7', port: 22 }],
    ['10.0.0.7:2222', { host: '10.0.0.7', port: 2222 }],
    ['fe80::1', { host: 'fe80::1', port: 22 }],
    ['fe80::1%eth0', { host: 'fe80::1%eth0', port: 22 }],
    ['[fe80::1%eth0]:2222', { host: 'fe80::1%eth0', port: 2222 }],
    ['::1', { host: '::1', port: 22 }],
    ['', null],
    ['a b', null],
    ['host:0', null],
    ['host:70000', null],
    ['host:ssh', null],
    ['ssh://host', null],
    ['pi@host', null],
    ['x'.repeat(254), null],
  ])('%j', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it('takes back what it gave out', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(parseAddress(`${host}:${port}`)).toEqual({ host, port });
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(parseAddress(`[${host}]:${port}`)).toEqual({ host, port });
        expect(parseAddress(host)).toEqual({ host, port: 22 });
      }),
    );
  });
});
