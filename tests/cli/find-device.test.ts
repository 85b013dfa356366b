import { describe, expect, it } from 'vitest';
import { matchDevice, parseHost } from '../../src/cli/find-device.ts';
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';
import { bareDevice } from '../support/fake-fleet.ts';

function device(id: string, name: string, host: string, port = 22): DeviceRecord {
  return bareDevice(id, name, 0, {
    addresses: [{ host, port, via: 'mdns', interface: 'eth0', lastSeen: 0 }],
  });
}

describe('parseHost', () => {
  it.each([
    ['pump-1', undefined, { host: 'pump-1', port: 22 }],
    ['10.0.0.7:2222', undefined, { host: '10.0.0.7', port: 2222 }],
    ['10.0.0.7', 2200, { host: '10.0.0.7', port: 2200 }],
    ['[fe80::1]:23', undefined, { host: 'fe80::1', port: 23 }],
    ['fe80::1', undefined, { host: 'fe80::1', port: 22 }],
  ])('reads %s', (text, port, expected) => {
    expect(parseHost(text, port)).toEqual(expected);
  });

  it.each(['', 'pump:0', 'pump:99999', ':22'])('refuses "%s" and says what is wanted', (text) => {
    expect(() => parseHost(text, undefined)).toThrow(/host or host:port/);
  });
});

describe('matchDevice', () => {
  const fleet = [device('a', 'pump', '10.0.0.7'), device('b', 'roof', '10.0.0.8', 2222)];

  it.each([
    ['pump', 'a'],
    ['PUMP', 'a'],
    ['pump.local', 'a'],
    ['10.0.0.7', 'a'],
    ['10.0.0.8:2222', 'b'],
    ['b', 'b'],
  ])('finds %s', (text, id) => {
    expect(matchDevice(fleet, text)?.id).toBe(id);
  });

  it('does not guess a port', () => {
    expect(matchDevice(fleet, '10.0.0.8')).toBeUndefined();
  });

  it('lists the addresses of two boxes with one name', () => {
    const twins = [device('a', 'pump', '10.0.0.7'), device('b', 'pump', '10.0.0.9')];
    expect(() => matchDevice(twins, 'pump')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ candidates: '10.0.0.7:22, 10.0.0.9:22' }),
      }),
    );
  });
});
