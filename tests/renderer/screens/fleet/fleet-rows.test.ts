import { describe, expect, it } from 'vitest';
import {
  fleetOrder,
  fleetRows,
  matches,
  neighbour,
  sameRows,
} from '../../../../renderer/screens/fleet/fleet-rows.ts';
import { bareDevice, fakeDevices } from '../../../support/fake-fleet.ts';

const NOW = Date.UTC(2026, 4, 4);
const fleet = fakeDevices(NOW);
const names = (filter: string) => fleetOrder(fleet, filter, NOW).map(({ name }) => name);

describe('the rail', () => {
  it('groups by mine, nearby and not reachable, then by name', () => {
    expect(names('')).toEqual([
      'cold-store',
      'greenhouse-1',
      'greenhouse-2',
      'orchard-north',
      'pump-house',
      'nerves-9f21',
      'raspberrypi',
      'weather-mast',
      'silo-3',
    ]);
    expect(
      fleetRows(fleet, '', NOW).flatMap((row) => (row.kind === 'group' ? [[row.group, row.count]] : [])),
    ).toEqual([
      ['mine', 5],
      ['nearby', 3],
      ['offline', 1],
    ]);
  });

  it('counts in names as people do', () => {
    const devices = ['pi-10', 'pi-9', 'Pi-1'].map((name) => bareDevice(name, name, NOW));
    expect(fleetOrder(devices, '', NOW).map(({ name }) => name)).toEqual(['Pi-1', 'pi-9', 'pi-10']);
  });

  it('keeps its order when only what a row says changes', () => {
    const before = fleetRows(fleet, '', NOW);
    const later = fleet.map((device) =>
      Object.assign({}, device, { lastSeen: NOW + 5000, newest: NOW + 5000 }),
    );
    expect(sameRows(before, fleetRows(later.toReversed(), '', NOW + 5000))).toBe(true);
    expect(sameRows(before, fleetRows(fleet.slice(1), '', NOW))).toBe(false);
  });

  it('finds by every word, in name, model, address and state', () => {
    expect(names('green')).toEqual(['greenhouse-1', 'greenhouse-2']);
    expect(names('GREEN fail')).toEqual(['greenhouse-2']);
    expect(names('192.168')).toEqual(['raspberrypi']);
    expect(names('not reachable')).toEqual(['silo-3']);
    expect(names('zzz')).toEqual([]);
    expect(fleet.every((device) => matches(device, '  ', NOW))).toBe(true);
  });

  it('moves over headings, and stays at its ends', () => {
    const rows = fleetRows(fleet, '', NOW);
    expect(neighbour(rows, null, 1)).toBe('d8');
    expect(neighbour(rows, null, -1)).toBe('d9');
    expect(neighbour(rows, 'd4', 1)).toBe('t7');
    expect(neighbour(rows, 'd8', -1)).toBe('d8');
    expect(neighbour(rows, 'd9', 10)).toBe('d9');
    expect(neighbour(rows, 'filtered away', 1)).toBe('d8');
    expect(neighbour([], 'd1', 1)).toBeNull();
  });

  it('sorts a thousand in far less than a frame', () => {
    const many = Array.from({ length: 1000 }, (_, i) =>
      bareDevice(`x${i}`, `device-${(i * 7919) % 1000}`, NOW),
    );
    fleetRows(many, '', NOW);
    const start = performance.now();
    fleetRows(many, 'device', NOW);
    expect(performance.now() - start).toBeLessThan(100);
  });
});
