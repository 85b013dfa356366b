import { describe, expect, it } from 'vitest';
import { claimedId, findRow, isLastingId, type Candidate } from '../../../src/core/fleet/merge.ts';
import type { DeviceAddress } from '../../../src/shared/engine-contract.ts';
import { musterSighting, sightingOf } from '../../support/sightings.ts';

const A = '0f0e0d0c-0b0a-4908-8706-050403020100';
const B = '1f0e0d0c-0b0a-4908-8706-050403020100';

function address(host: string, more: Partial<DeviceAddress> = {}): DeviceAddress {
  return { host, port: 22, via: 'mdns', interface: 'eth0', lastSeen: 0, ...more };
}
function row(id: string, more: Partial<Candidate['record']> = {}, portGuessed = false): Candidate {
  return {
    record: {
      id,
      hostname: 'pump.local',
      addresses: [address('10.0.0.7')],
      lastSeen: 0,
      serial: null,
      ...more,
    },
    portGuessed,
  };
}
const found = (rows: Candidate[], ...sighting: Parameters<typeof sightingOf>) =>
  findRow(rows, sightingOf(...sighting))?.record.id;

describe('findRow', () => {
  it('goes by the daemon’s id before all else', () => {
    const rows = [row('new-1'), row(A, { hostname: 'other.local', addresses: [address('10.0.0.99')] })];
    expect(findRow(rows, musterSighting(A))?.record.id).toBe(A);
  });

  it('never takes one daemon for another, whatever name and address say', () => {
    expect(findRow([row(B)], musterSighting(A))).toBeNull();
  });

  it('goes by address and port', () => {
    expect(found([row('new-1', { hostname: null })])).toBe('new-1');
    expect(found([row('new-1', { hostname: null })], { port: 2222 })).toBeUndefined();
  });

  it('goes by host name on another interface', () => {
    expect(found([row('new-1')], { addresses: ['10.1.0.7'], interface: 'wlan0' })).toBe('new-1');
  });

  it('takes a service without a port for one of the same box', () => {
    const box = row('new-1', { addresses: [address('10.0.0.7', { port: 2222 })] });
    expect(found([box], { service: 'workstation', portGuessed: true })).toBe('new-1');
    const guessed = row('new-1', {}, true);
    expect(found([guessed], { port: 2222 })).toBe('new-1');
  });

  it('keeps virtual devices apart by port: all have the address of loopback', () => {
    const one = row('new-1', { hostname: 'one.local', addresses: [address('127.0.0.1', { port: 2201 })] });
    const on = { loopback: true, interface: 'lo', addresses: ['127.0.0.1'], host: 'two.local' };
    expect(found([one], { ...on, port: 2202 })).toBeUndefined();
    expect(found([one], { ...on, host: 'one.local', port: 2201 })).toBe('new-1');
  });

  it('follows an address that changed, but not to a second box heard at the same time', () => {
    expect(found([row('new-1')], { addresses: ['10.0.0.8'], at: 60_000 })).toBe('new-1');
    expect(found([row('new-1')], { addresses: ['10.0.0.8'], at: 400 })).toBeUndefined();
  });

  it('parts two boxes of one name that had been taken for one', () => {
    const both = row('new-1', {
      addresses: [address('10.0.0.8', { lastSeen: 60_000 }), address('10.0.0.7', { lastSeen: 0 })],
      lastSeen: 60_000,
    });
    expect(found([both], { addresses: ['10.0.0.7'], at: 60_300 })).toBeUndefined();
  });

  it('follows a box that was renamed, but not an address that DHCP gave to another box', () => {
    expect(found([row('new-1')], { host: 'well.local', at: 10_000 })).toBe('new-1');
    expect(found([row('new-1')], { host: 'well.local', at: 86_400_000 })).toBeUndefined();
  });
});

describe('claimedId', () => {
  it('takes an id only from the daemon’s own announcement, and only a whole one', () => {
    expect(claimedId(musterSighting(A.toUpperCase()))).toBe(A);
    expect(claimedId(sightingOf({ txt: { id: A } }))).toBeNull();
    expect(claimedId(musterSighting('../../etc/passwd'))).toBeNull();
    expect(isLastingId(A)).toBe(true);
    expect(isLastingId(`new-${A}`)).toBe(false);
  });
});
