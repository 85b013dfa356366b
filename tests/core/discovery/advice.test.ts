import { describe, expect, it } from 'vitest';
import { advise, type SearchState } from '../../../src/core/discovery/advice.ts';

const net = (name: string, more: Partial<SearchState['interfaces'][number]> = {}) => ({
  name,
  kind: 'network' as const,
  searching: true,
  trouble: null,
  ...more,
});
const state = (more: Partial<SearchState>): SearchState => ({
  interfaces: [net('lo', { kind: 'loopback' }), net('eth0')],
  heard: 0,
  outsider: null,
  searchedMs: 60_000,
  ...more,
});

describe('advise', () => {
  it.each([
    [
      'no network',
      { interfaces: [net('lo', { kind: 'loopback' })] },
      /^This laptop is on no network: plug in/,
    ],
    [
      'only a VPN',
      { interfaces: [net('tun0', { kind: 'vpn', searching: false })] },
      /^Only a VPN is up \(tun0\)/,
    ],
    [
      'a held port',
      { interfaces: [net('eth0', { trouble: 'bind EADDRINUSE 0.0.0.0:5353' })] },
      /^eth0 cannot be searched \(bind EADDRINUSE/,
    ],
    [
      'an address of another network',
      { outsider: '169.254.3.4' },
      /announces itself as 169\.254\.3\.4, which is outside/,
    ],
    ['an early question', { searchedMs: 500 }, /^Searching on eth0\.$/],
    ['silence', {}, /^Nothing announces itself on eth0: .*demo fleet\.$/],
    ['devices', { heard: 3 }, /^Devices announce themselves; searching on eth0\.$/],
    ['demo devices without a network', { heard: 3, interfaces: [] }, /^Devices announce themselves\.$/],
  ] as [string, Partial<SearchState>, RegExp][])('has a sentence for %s', (_case, more, sentence) => {
    expect(advise(state(more))).toMatch(sentence);
  });

  it('lists several networks', () => {
    expect(advise(state({ interfaces: [net('eth0'), net('wlan0'), net('usb0')] }))).toContain(
      'eth0, wlan0 and usb0',
    );
  });

  it('fits the contract', () => {
    const many = Array.from({ length: 4 }, (_, i) => net(`enx00e04c6800${i}`));
    expect(advise(state({ interfaces: many })).length).toBeLessThan(400);
  });
});
