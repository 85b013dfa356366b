import { describe, expect, it } from 'vitest';
import { fleetCounts, fleetToDos } from '../../../../renderer/screens/overview/fleet-summary.ts';
import { bareDevice, fakeDevices, installedDevice } from '../../../support/fake-fleet.ts';

const NOW = Date.UTC(2026, 4, 4);

describe('the overview', () => {
  it('counts every device once', () => {
    const counts = fleetCounts(fakeDevices(NOW), NOW);
    expect(counts.map(({ count, word }) => `${count} ${word}`)).toEqual([
      '2 live',
      '3 not connected',
      '2 need attention',
      '1 refused',
      '1 not reachable',
    ]);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(9);
  });

  it('has nothing to do when all is well', () => {
    expect(fleetToDos([installedDevice(bareDevice('a', 'a', NOW), NOW)], NOW)).toEqual([]);
    expect(fleetToDos([], NOW)).toEqual([]);
  });

  it('offers to install where it can, by name or by number', () => {
    const bare = [bareDevice('a', 'mast', NOW), bareDevice('b', 'roof', NOW)];
    expect(fleetToDos(bare.slice(0, 1), NOW)).toMatchObject([
      {
        kind: 'install',
        devices: ['a'],
        sentence: 'mast has no sensor daemon yet.',
        action: 'Install on mast',
      },
    ]);
    expect(fleetToDos(bare, NOW)).toMatchObject([{ devices: ['a', 'b'], action: 'Install on 2 devices' }]);
    expect(fleetToDos([bareDevice('n', 'n', NOW, { kind: 'nerves' })], NOW)).toEqual([]);
    expect(fleetToDos([bareDevice('o', 'o', NOW, { presence: 'offline' })], NOW)).toEqual([]);
  });

  it('names the device in each sentence, and lists no more than can be read', () => {
    const todos = fleetToDos(fakeDevices(NOW), NOW);
    expect(todos).toHaveLength(5);
    expect(todos[2]?.sentence).toMatch(/^cold-store: /);
    const many = Array.from({ length: 50 }, (_, i) =>
      installedDevice(bareDevice(`x${i}`, `x${i}`, NOW), NOW, { sensors: { ok: 0, total: 1 } }),
    );
    expect(fleetToDos(many, NOW)).toHaveLength(5);
  });
});
