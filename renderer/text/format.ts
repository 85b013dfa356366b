/** Numbers, sizes and times as people read them: a unit behind every number, a zone behind every time. */
import { QUANTITIES, type Quantity } from '../../src/shared/quantity.ts';

const NBSP = '\u00a0';

function fixed(value: number, decimals: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Three significant digits at most, as `1.2`, `96`, `134`. */
function short(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 9.95 ? 1 : 0 });
}

/** A reading with its unit, `23.4 °C`; `no value` for NaN. Bytes and times get a unit that fits their size. */
export function formatValue(value: number, quantity: Quantity, decimals?: number): string {
  if (!Number.isFinite(value)) return 'no value';
  if (quantity === 'data') return formatBytes(value);
  if (quantity === 'duration') return formatDuration(value * 1000);
  const { symbol, decimals: usual } = QUANTITIES[quantity];
  const number = fixed(value, decimals ?? usual);
  return symbol === '' ? number : `${number}${NBSP}${symbol}`;
}

/** `96 MB`: decimal prefixes, as on an SD card's label. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : short(value)}${NBSP}${units[unit]}`;
}

/** `1.2 million rows`, `12,345 rows`, `1 row`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  if (count >= 999_950_000) return `${short(count / 1e9)} billion ${many}`;
  if (count >= 1_000_000) return `${short(count / 1e6)} million ${many}`;
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const SPANS: [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `4 min 10 s`: the two largest units, the second only when it is not zero; `0.4 s` below one second. */
export function formatDuration(ms: number): string {
  const total = Math.max(0, ms);
  if (total < 1000) return `${fixed(Math.floor(total / 100) / 10, total < 100 ? 0 : 1)}${NBSP}s`;
  const at = SPANS.findIndex(([, span]) => total >= span);
  const [unit, span] = SPANS[at] ?? ['s', 1000];
  const first = `${Math.floor(total / span)}${NBSP}${unit}`;
  const next = SPANS[at + 1];
  const rest = next ? Math.floor((total % span) / next[1]) : 0;
  return next && rest > 0 ? `${first} ${rest}${NBSP}${next[0]}` : first;
}

/** `12 s ago`, `now` within two seconds and for times ahead of this clock. */
export function formatAgo(then: number, now: number): string {
  const ms = now - then;
  if (ms < 2000) return 'now';
  const [unit, span] = SPANS.find(([, each]) => ms >= each) ?? ['s', 1000];
  const count = Math.floor(ms / span);
  if (unit === 'd') return count === 1 ? 'yesterday' : `${count} days ago`;
  return `${count}${NBSP}${unit} ago`;
}

/** `3 May 2026, 14:05:09 GMT+2`. `zone` is an IANA name; the machine's own when absent. */
export function formatTime(epochMs: number, zone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(epochMs);
}

/** `3 May`, with the year when it is not this one. For sentences. */
export function formatDay(epochMs: number, now: number): string {
  const sameYear = new Date(epochMs).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' as const }),
  }).format(epochMs);
}

/** `greenhouse-1`, `greenhouse-1 and pump-1`, three by name, more as `greenhouse-1, pump-1 and 3 more`. */
export function formatNames(names: string[]): string {
  const [first = '', second, third] = names;
  if (second === undefined) return first;
  if (third === undefined) return `${first} and ${second}`;
  return `${first}, ${second} and ${names.length === 3 ? third : `${names.length - 2} more`}`;
}
