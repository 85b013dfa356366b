import { describe, expect, it } from 'vitest';
import { boundsOf, dateInputText } from '../../../../renderer/screens/export/export-range.ts';
import { isPicked, pickedIds, togglePick, type Picked } from '../../../../renderer/screens/export/picked.ts';

const NOW = Date.UTC(2026, 4, 4, 12);

describe('the time of an export', () => {
  it('counts back from now, and leaves the end open', () => {
    expect(boundsOf({ preset: 'all' }, NOW)).toEqual({ from: null, to: null });
    expect(boundsOf({ preset: 'hour' }, NOW)).toEqual({ from: NOW - 3_600_000, to: null });
    expect(boundsOf({ preset: 'week' }, NOW)).toEqual({ from: NOW - 604_800_000, to: null });
  });

  it('reads dates in the zone of the laptop', () => {
    const dates = { preset: 'dates' as const, from: dateInputText(NOW - 60_000), to: dateInputText(NOW) };
    expect(boundsOf(dates, NOW)).toEqual({ from: NOW - 60_000, to: NOW });
    expect(boundsOf({ ...dates, to: '' }, NOW)).toEqual({ from: NOW - 60_000, to: null });
  });

  it('says why two dates make no time', () => {
    expect(boundsOf({ preset: 'dates', from: '2026-05-04T12:00', to: '2026-05-04T12:00' }, NOW)).toMatch(
      /before/,
    );
    expect(boundsOf({ preset: 'dates', from: 'tomorrow', to: '' }, NOW)).toMatch(/not a date/);
  });
});

describe('choosing some or all', () => {
  const ids = ['a', 'b', 'c'];

  it('goes from all to all but one, and back to all', () => {
    let picked: Picked<string> = togglePick<string>('all', 'b', ids);
    expect(picked).toEqual(['a', 'c']);
    picked = togglePick(picked, 'b', ids);
    expect(picked).toBe('all');
  });

  it('never means everything when nothing is chosen', () => {
    expect(pickedIds([], ids)).toBeNull();
    expect(pickedIds(['gone'], ids)).toBeNull();
    expect(pickedIds('all', ids)).toEqual([]);
    expect(pickedIds(['c', 'gone'], ids)).toEqual(['c']);
  });

  it('holds for what comes later only when all is chosen', () => {
    expect(isPicked('all', 'later')).toBe(true);
    expect(isPicked(ids, 'later')).toBe(false);
  });
});
