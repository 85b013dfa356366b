import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { placer, readInterfaces } from '../../../src/core/discovery/interfaces.ts';

const v4 = (cidr: string, internal = false): NetworkInterfaceInfo => ({
  address: cidr.split('/')[0]!,
  netmask: '',
  family: 'IPv4',
  mac: '',
  internal,
  cidr,
});
const v6 = (cidr: string): NetworkInterfaceInfo => ({
  address: cidr.split('/')[0]!,
  netmask: '',
  family: 'IPv6',
  mac: '',
  internal: false,
  cidr,
  scopeid: 3,
});

const system = {
  lo: [v4('127.0.0.1/8', true)],
  eth0: [v4('10.0.0.5/24'), v6('fe80::5/64'), v6('fd00::5/64')],
  wlan0: [v4('192.168.7.20/22'), v6('fe80::6/64')],
  docker0: [v4('172.17.0.1/16')],
  tun0: [v4('10.8.0.2/24')],
  empty: [],
};

describe('readInterfaces', () => {
  it('names their kinds and how each is searched', () => {
    expect(readInterfaces(system)).toMatchObject([
      { name: 'lo', kind: 'loopback', ipv4: '127.0.0.1', ipv6Zone: null },
      { name: 'eth0', kind: 'network', ipv4: '10.0.0.5', ipv6Zone: 'eth0' },
      { name: 'wlan0', kind: 'network', ipv4: '192.168.7.20' },
      { name: 'docker0', kind: 'virtual', ipv6Zone: null },
      { name: 'tun0', kind: 'vpn' },
    ]);
  });
});

describe('placer', () => {
  const place = placer(readInterfaces(system));

  it.each([
    ['10.0.0.77', 'eth0'],
    ['fd00::77', 'eth0'],
    ['192.168.4.1', 'wlan0'],
    ['127.0.0.1', 'lo'],
    ['fe80::77%wlan0', 'wlan0'],
    ['fe80::77%eth0', 'eth0'],
  ])('finds %s on %s', (address, name) => {
    expect(place(address)).toEqual({ on: name });
  });

  it.each(['10.0.0.5', 'fe80::5%eth0', '192.168.7.20'])('knows %s as this machine', (address) => {
    expect(place(address)).toBe('self');
  });

  it.each([
    '10.0.1.77',
    '169.254.9.9',
    '8.8.8.8',
    'fe80::77%gone0',
    'fe80::77',
    '::ffff:9.9.9.9',
    'nonsense',
  ])('takes %s for an outsider', (address) => {
    expect(place(address)).toBe('outside');
  });
});
