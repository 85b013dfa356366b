/** What a key does on the charts. Pure. */
import type { TimeWindow } from '../../chart/chart-frames.ts';
import type { ChartRange } from '../../stores/ui-store.ts';
import { panned, zoomed } from './time-range.ts';

export type KeyAction =
  | { do: 'cursor'; at: number | null }
  | { do: 'range'; range: ChartRange }
  | { do: 'live' }
  | { do: 'back' };

/** The part of a keyboard event that matters. */
export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const CURSOR_STEP = 0.01;
const PAN_STEP = 0.25;
const ZOOM = 2;

/** The action of a key while `shown` is shown and the cursor stands at `at`; null when the key is not ours. */
export function chartKey(
  key: Key,
  range: ChartRange,
  shown: TimeWindow,
  at: number | null,
  now: number,
): KeyAction | null {
  if (key.ctrlKey || key.metaKey || key.altKey) return null;
  const facts = { now, oldest: null, newest: null };
  switch (key.key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const way = key.key === 'ArrowLeft' ? -1 : 1;
      if (key.shiftKey) return { do: 'range', range: panned(shown, way * PAN_STEP, facts) };
      const span = shown.to - shown.from;
      const next = at === null ? shown.to - span / 2 : at + way * span * CURSOR_STEP;
      if (next >= shown.from && next <= shown.to) return { do: 'cursor', at: next };
      return { do: 'range', range: panned(shown, way * PAN_STEP, facts) };
    }
    case '+':
    case '=':
      return { do: 'range', range: zoomed(range, shown, 1 / ZOOM, at) };
    case '-':
    case '_':
      return { do: 'range', range: zoomed(range, shown, ZOOM, at) };
    case 'l':
    case 'L':
      return { do: 'live' };
    case 'Escape':
      return at === null ? null : { do: 'cursor', at: null };
    case 'Backspace':
      return { do: 'back' };
    default:
      return null;
  }
}
