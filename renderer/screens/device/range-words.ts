/** The time shown and the time under the cursor, in words: absolute with its zone, and relative. Pure. */
import type { TimeWindow } from '../../chart/chart-frames.ts';
import type { ChartRange } from '../../stores/ui-store.ts';
import { formatAgo, formatDuration, formatTime } from '../../text/format.ts';

/** `22 Nov 2026, 14:02:10 – 14:07:10 GMT+1`, and how that lies to now. */
export function rangeWords(
  range: ChartRange,
  shown: TimeWindow,
  now: number,
): { absolute: string; relative: string } {
  const absolute = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).formatRange(shown.from, shown.to);
  const span = formatDuration(shown.to - shown.from);
  if (range.mode === 'live') return { absolute, relative: `Last ${span}` };
  if (range.mode === 'all') return { absolute, relative: `All readings, ${span}` };
  const end = shown.to > now ? 'ends after now' : `ended ${formatAgo(shown.to, now)}`;
  return { absolute, relative: `${span}, ${end}` };
}

/** `22 Nov 2026, 14:05:09 GMT+1, 2 min ago` */
export function cursorWords(at: number, now: number): string {
  return `${formatTime(at)}, ${formatAgo(at, now)}`;
}
