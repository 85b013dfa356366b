/** The time shown and the time under the cursor, in words: absolute with its zone, and relative. Pure. */
import type { TimeWindow } from '../../chart/chart-frames.ts';
import type { Doubt } from '../../series/doubt.ts';
import type { ChartRange } from '../../stores/ui-store.ts';
import { formatAgo, formatDuration, formatTime } from '../../text/format.ts';

/** `22 Nov 2026, 14:02:10 – 14:07:10 GMT+1`, and how that lies to now. */
export function rangeWords(
  range: ChartRange,
  shown: TimeWindow,
  now: number,
): { absolute: string; relative: string } {
  const times = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatRange(shown.from, shown.to);
  const absolute = `${times} ${zoneName(shown.to)}`;
  const span = formatDuration(shown.to - shown.from);
  if (range.mode === 'live') return { absolute, relative: `Last ${span}` };
  if (range.mode === 'all') return { absolute, relative: `All readings, ${span}` };
  const end = shown.to > now ? 'ends after now' : `ended ${formatAgo(shown.to, now)}`;
  return { absolute, relative: `${span}, ${end}` };
}

const DOUBTS: Record<Doubt['why'], string> = {
  'not-set': ', the clock was not set',
  overlaps: ', the order is not known: the device claims this time twice',
};

/** `22 Nov 2026, 14:05:09 GMT+1, 2 min ago`; from `unsureSince` on the time is in doubt, and why. */
export function cursorWords(
  at: number,
  now: number,
  unsureSince: number | null,
  why: Doubt['why'] = 'not-set',
): string {
  const doubt = unsureSince !== null && at >= unsureSince ? DOUBTS[why] : '';
  return `${formatTime(at)}, ${formatAgo(at, now)}${doubt}`;
}

/** `GMT+1`, as it is called at that time: summer has another one. */
function zoneName(at: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}
