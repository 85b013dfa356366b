import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartKey } from '../../../renderer/screens/device/chart-keys.ts';
import { cursorWords, rangeWords } from '../../../renderer/screens/device/range-words.ts';
import { panned, selected, windowOf, zoomed } from '../../../renderer/screens/device/time-range.ts';

const NOW = Date.UTC(2026, 4, 3, 12, 0, 0);
const FACTS = { now: NOW, oldest: NOW - 86_400_000, newest: NOW - 1000 };
const key = (name: string, shiftKey = false) => ({
  key: name,
  shiftKey,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
});

describe('windowOf', () => {
  it('ends a moving range at the present, to the pixel, and moves by whole pixels only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 3000 }), (later, pixels) => {
        const range = { mode: 'live', spanMs: 300_000 } as const;
        const window = windowOf(range, { ...FACTS, now: NOW + later }, pixels);
        const pixel = 300_000 / pixels;
        expect(window.to - window.from).toBeCloseTo(300_000, 3);
        expect(window.to).toBeGreaterThanOrEqual(NOW + later - 0.01);
        expect(window.to - (NOW + later)).toBeLessThanOrEqual(pixel + 0.01);
      }),
    );
  });

  it('goes on to the newest reading of a device whose clock is ahead', () => {
    const window = windowOf({ mode: 'live', spanMs: 60_000 }, { ...FACTS, newest: NOW + 30_000 }, 600);
    expect(window.to).toBeGreaterThanOrEqual(NOW + 30_000);
  });

  it('shows all from the first reading on, and a chosen stretch as it is', () => {
    expect(windowOf({ mode: 'all' }, FACTS, 1000).from).toBeLessThanOrEqual(FACTS.oldest + 86_400);
    expect(windowOf({ mode: 'fixed', from: 1, to: 2 }, FACTS, 1000)).toEqual({ from: 1, to: 2 });
  });
});

describe('zooming and panning', () => {
  const shown = { from: NOW - 300_000, to: NOW };

  it('keeps the moment under the cursor where it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (share, factor) => {
          const at = shown.from + share * 300_000;
          const range = zoomed({ mode: 'live', spanMs: 300_000 }, shown, factor, at);
          if (range.mode !== 'fixed') throw new Error('a zoom around a moment stands still');
          expect((at - range.from) / (range.to - range.from)).toBeCloseTo(share, 6);
          expect(range.to - range.from).toBeCloseTo(300_000 * factor, 3);
        },
      ),
    );
  });

  it('keeps following the present without a cursor', () => {
    expect(zoomed({ mode: 'live', spanMs: 300_000 }, shown, 0.5, null)).toEqual({
      mode: 'live',
      spanMs: 150_000,
    });
  });

  it('goes back in time, and follows the present again when it reaches it', () => {
    expect(panned(shown, -0.5, FACTS)).toEqual({ mode: 'fixed', from: NOW - 450_000, to: NOW - 150_000 });
    expect(panned({ from: NOW - 350_000, to: NOW - 50_000 }, 0.25, FACTS)).toEqual({
      mode: 'live',
      spanMs: 300_000,
    });
  });

  it('never shows less than a second', () => {
    expect(selected(NOW, NOW + 10)).toEqual({ mode: 'fixed', from: NOW - 495, to: NOW + 505 });
  });
});

describe('chartKey', () => {
  const live = { mode: 'live', spanMs: 300_000 } as const;
  const shown = { from: NOW - 300_000, to: NOW };

  it('moves the cursor by arrows, and the time at the border or with Shift', () => {
    expect(chartKey(key('ArrowLeft'), live, shown, NOW - 100_000, NOW)).toEqual({
      do: 'cursor',
      at: NOW - 103_000,
    });
    expect(chartKey(key('ArrowLeft'), live, shown, shown.from + 1000, NOW)).toMatchObject({ do: 'range' });
    expect(chartKey(key('ArrowLeft', true), live, shown, NOW - 100_000, NOW)).toEqual({
      do: 'range',
      range: { mode: 'fixed', from: NOW - 375_000, to: NOW - 75_000 },
    });
  });

  it('zooms, goes live, steps back, and leaves other keys and the browser\u2019s alone', () => {
    expect(chartKey(key('+'), live, shown, null, NOW)).toEqual({
      do: 'range',
      range: { mode: 'live', spanMs: 150_000 },
    });
    expect(chartKey(key('-'), live, shown, null, NOW)).toEqual({
      do: 'range',
      range: { mode: 'live', spanMs: 600_000 },
    });
    expect(chartKey(key('L'), live, shown, null, NOW)).toEqual({ do: 'live' });
    expect(chartKey(key('Backspace'), live, shown, null, NOW)).toEqual({ do: 'back' });
    expect(chartKey(key('Escape'), live, shown, 5, NOW)).toEqual({ do: 'cursor', at: null });
    expect(chartKey(key('Escape'), live, shown, null, NOW)).toBeNull();
    expect(chartKey(key('q'), live, shown, null, NOW)).toBeNull();
    expect(chartKey({ ...key('+'), ctrlKey: true }, live, shown, null, NOW)).toBeNull();
  });
});

describe('words for time', () => {
  it('gives every absolute time a zone and a relative time beside it', () => {
    const fixed = { mode: 'fixed', from: NOW - 600_000, to: NOW - 300_000 } as const;
    const { absolute, relative } = rangeWords(fixed, fixed, NOW);
    expect(absolute).toMatch(/3 May 2026.*(?:UTC|GMT|CES?T|[A-Z]{3})/);
    expect(relative).toBe('5\u00a0min, ended 5\u00a0min ago');
    expect(rangeWords({ mode: 'live', spanMs: 60_000 }, { from: NOW - 60_000, to: NOW }, NOW).relative).toBe(
      'Last 1\u00a0min',
    );
    expect(cursorWords(NOW - 120_000, NOW, null)).toMatch(/, 2\u00a0min ago$/);
    expect(cursorWords(NOW - 120_000, NOW, NOW - 130_000)).toMatch(/the clock was not set$/);
  });
});
