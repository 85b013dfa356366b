import { describe, expect, it } from 'vitest';
import { deviceState, groupOf, reachedBy, sensorsNow } from '../../../renderer/text/device-state.ts';
import { linkSummary } from '../../../renderer/text/link-summary.ts';
import { bareDevice, fakeDevices, installedDevice } from '../../support/fake-fleet.ts';

const NOW = Date.UTC(2026, 4, 4, 12);
const fleet = new Map(fakeDevices(NOW).map((device) => [device.name, device]));

function named(name: string) {
  const device = fleet.get(name);
  if (!device) throw new Error(name);
  return device;
}

describe('the state of a device', () => {
  it.each([
    ['greenhouse-1', 'good', 'Live'],
    ['greenhouse-2', 'attention', '2 sensors fail'],
    ['orchard-north', 'good', 'Catching up'],
    ['pump-house', 'attention', 'Waiting'],
    ['weather-mast', 'unknown', 'Not installed'],
    ['nerves-9f21', 'unknown', 'Nerves'],
    ['cold-store', 'bad', 'Refused'],
    ['silo-3', 'bad', 'Not reachable'],
  ])('%s is %s: %s', (name, tone, word) => {
    expect(deviceState(named(name), NOW)).toMatchObject({ tone, word });
  });

  it('says why in a whole sentence with the facts in it', () => {
    const sentence = (name: string) => deviceState(named(name), NOW).sentence.replaceAll('\u00a0', ' ');
    expect(sentence('greenhouse-2')).toBe(
      'greenhouse-2 is live, but 2 of its 6 sensors give no good readings.',
    );
    expect(sentence('orchard-north')).toBe(
      'orchard-north hands over what it recorded meanwhile: 1,240 batches to go.',
    );
    expect(sentence('pump-house')).toBe('The connection to pump-house was lost; next attempt in 8 s.');
    expect(sentence('cold-store')).toBe(
      'This is not the box you trusted on 3 May 2026: its key is different.',
    );
    expect(sentence('silo-3')).toBe('silo-3 did not answer; last seen 3 days ago.');
    for (const device of fleet.values()) expect(deviceState(device, NOW).sentence).toMatch(/^\S.*\.$/);
  });

  it('does not call a device of another laptop mine', () => {
    const theirs = installedDevice(bareDevice('x', 'theirs', NOW), NOW, { mine: false });
    expect(deviceState(theirs, NOW).word).toBe('Not joined');
    expect(groupOf(theirs)).toBe('nearby');
  });

  it('shows sensors only while the link can say so', () => {
    expect(sensorsNow(named('greenhouse-2'))).toEqual({ ok: 4, total: 6 });
    expect(sensorsNow(named('pump-house'))).toBeNull();
  });

  it('puts a device into "not reachable" only after a failed probe', () => {
    expect(groupOf(named('silo-3'))).toBe('offline');
    expect(groupOf(bareDevice('x', 'never-tried', NOW, { presence: 'unknown' }))).toBe('nearby');
  });

  it('says how it was reached by the address heard last', () => {
    const addresses = [
      { host: '10.0.0.1', port: 22, via: 'typed' as const, interface: null, lastSeen: NOW - 9000 },
      { host: '10.0.0.2', port: 22, via: 'mdns' as const, interface: 'wlan0', lastSeen: NOW },
    ];
    expect(reachedBy(bareDevice('x', 'x', NOW, { addresses }))).toBe('heard on wlan0');
    expect(reachedBy(bareDevice('x', 'x', NOW, { addresses: [] }))).toBe('no address');
  });
});

describe('the title bar', () => {
  it('puts the engine before the links, and counts only devices of this laptop', () => {
    expect(linkSummary('connecting', fleet.values()).word).toBe('Starting');
    expect(linkSummary('lost', fleet.values()).tone).toBe('bad');
    expect(linkSummary('ready', []).word).toBe('No links');
    expect(linkSummary('ready', fleet.values())).toMatchObject({ tone: 'attention', word: '3 of 6 live' });
    expect(linkSummary('ready', [named('greenhouse-1')])).toMatchObject({ tone: 'good', word: '1 live' });
  });
});
