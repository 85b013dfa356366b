import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartGroups } from '../../../renderer/screens/device/chart-groups.ts';
import { sensorRows } from '../../../renderer/screens/device/sensor-rows.ts';
import type { Channel } from '../../../src/shared/engine-contract.ts';

function channel(id: number, sensor: string, quantity: Channel['quantity']): Channel {
  return {
    id,
    device: 'd',
    sensor,
    sensorName: sensor.toUpperCase(),
    driver: 'sim',
    channel: `c${id}`,
    quantity,
    unit: '',
    decimals: 1,
    periodMs: 1000,
    last: null,
  };
}

describe('chartGroups', () => {
  it('puts channels of one sensor and quantity on one chart, titled with what and in which unit', () => {
    const groups = chartGroups([
      channel(1, 'air', 'temperature'),
      channel(2, 'air', 'humidity'),
      channel(3, 'load', 'load'),
      channel(4, 'load', 'load'),
      channel(5, 'soil', 'temperature'),
    ]);
    expect(groups.map((group) => group.channels.map(({ id }) => id))).toEqual([[1], [2], [3, 4], [5]]);
    expect(groups[0]?.title).toBe('AIR · Temperature (°C)');
  });

  it('shows what is measured first, then the board itself, then what it does', () => {
    const groups = chartGroups([
      { ...channel(1, 'valve', 'state'), driver: 'output' },
      { ...channel(2, 'cpu', 'temperature'), driver: 'cpu-temperature' },
      channel(3, 'air', 'temperature'),
      channel(4, 'soil', 'voltage'),
    ]);
    expect(groups.map(({ channels: [first] }) => first?.id)).toEqual([3, 4, 2, 1]);
  });

  it('gives a channel the same colour however many come after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }), (count, more) => {
        const channels = Array.from({ length: count + more }, (_, id) =>
          channel(id, `s${id % 5}`, 'temperature'),
        );
        const colours = (some: Channel[]) =>
          new Map(chartGroups(some).flatMap((group) => group.channels.map(({ id, colour }) => [id, colour])));
        const few = colours(channels.slice(0, count));
        const all = colours(channels);
        for (const [id, colour] of few) expect(all.get(id)).toBe(colour);
        expect(Math.max(...all.values())).toBeLessThan(8);
      }),
    );
  });
});

describe('sensorRows', () => {
  it('lists what the device tells, and what only the archive knows behind it', () => {
    const rows = sensorRows(
      [{ sensor: 'air', name: 'Air', driver: 'sim', bus: 'b', state: 'failing', lastError: 'no answer' }],
      [channel(1, 'air', 'temperature'), channel(2, 'gone', 'humidity')],
    );
    expect(rows).toMatchObject([
      { id: 'air', name: 'Air', state: 'failing', lastError: 'no answer', channels: [{ id: 1 }] },
      { id: 'gone', name: 'GONE', state: 'not-told', lastError: null, channels: [{ id: 2 }] },
    ]);
  });
});
