/** Why there is nothing, in words; one sentence for every reason. */
import type { GapReason, GapSpan } from '../series/gap-spans.ts';
import { formatDuration } from '../text/format.ts';

const WORDS: Record<GapReason, string> = {
  'device-off': 'The device was off or restarting.',
  'sensor-failed': 'The sensor gave no answer.',
  missing: 'The sensor gave no answer.',
  'journal-trimmed': 'The device had to drop these readings: its journal was full before a laptop came.',
  'not-fetched': 'Not fetched yet: it comes with the connection.',
  unreadable:
    'They were fetched, but this laptop’s disk does not give them back: it may be wearing out. Save what you need elsewhere.',
  unknown: 'Nothing was recorded, and no reason is known.',
};

/** `No readings for 8 min. The device was off or restarting.` */
export function gapWords(gap: GapSpan): string {
  return `No readings for ${formatDuration(gap.to - gap.from)}. ${WORDS[gap.reason]}`;
}
