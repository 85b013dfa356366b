/** The time an export covers, from a button or two dates. Pure. */

export type ExportRange =
  | { preset: 'hour' | 'day' | 'week' | 'all' }
  /** Text of two datetime-local inputs, in the zone of this laptop; empty means open. */
  | { preset: 'dates'; from: string; to: string };

const SPANS_MS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 };

export const PRESETS: { value: ExportRange['preset']; label: string }[] = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: '24 hours' },
  { value: 'week', label: '7 days' },
  { value: 'all', label: 'Everything' },
  { value: 'dates', label: 'Dates' },
];

/** Bounds in epoch ms, null where open. */
export interface Bounds {
  from: number | null;
  to: number | null;
}

/** The bounds at `now`, or the sentence that says why they make none. */
export function boundsOf(range: ExportRange, now: number): Bounds | string {
  if (range.preset === 'all') return { from: null, to: null };
  if (range.preset !== 'dates') return { from: now - SPANS_MS[range.preset], to: null };
  // A date-time without a zone is read in this laptop's own (ECMA-262, Date Time String Format).
  const read = (text: string) => (text === '' ? null : Date.parse(text));
  const from = read(range.from);
  const to = read(range.to);
  if (Number.isNaN(from) || Number.isNaN(to)) return 'That is not a date and time.';
  if (from !== null && to !== null && from >= to) return 'The end lies before the beginning.';
  return { from, to };
}

/** Epoch ms as the text of a datetime-local input, whole minutes. */
export function dateInputText(epochMs: number): string {
  const at = new Date(epochMs);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
