/** Which channels share a chart: those of one sensor with one quantity. Pure. */
import { SERIES_COLOURS } from '../../chart/chart-theme.ts';
import type { Channel } from '../../../src/shared/engine-contract.ts';
import { QUANTITIES, type Quantity } from '../../../src/shared/quantity.ts';

/** A channel with the colour it always has: by its place among the device's channels. */
export interface ColouredChannel extends Channel {
  /** 0 to 7. */
  colour: number;
}

export interface ChartGroup {
  /** Stable over renders. */
  key: string;
  /** `Boiler · Temperature (°C)`. */
  title: string;
  quantity: Quantity;
  channels: ColouredChannel[];
}

/** The board watching itself: of less interest than what it was put there to measure. */
const OWN_HEALTH: ReadonlySet<string> = new Set(['cpu-temperature', 'load', 'memory', 'disk', 'uptime']);
const OUTPUT = 'output';

/** What is measured first, then what the board says of itself, then what it does. */
function rank({ driver }: Channel): number {
  if (driver === OUTPUT) return 2;
  return OWN_HEALTH.has(driver) ? 1 : 0;
}

/** Groups by rank, within one in the order of their first channel. `channels` are the device's, in their lasting order. */
export function chartGroups(channels: readonly Channel[]): ChartGroup[] {
  const groups = new Map<string, ChartGroup>();
  for (const [place, channel] of channels.entries()) {
    const key = `${channel.sensor} ${channel.quantity}`;
    let group = groups.get(key);
    if (!group) {
      group = { key, title: title(channel), quantity: channel.quantity, channels: [] };
      groups.set(key, group);
    }
    group.channels.push({ ...channel, colour: place % SERIES_COLOURS });
  }
  const first = ({ channels: [channel] }: ChartGroup) => (channel ? rank(channel) : 0);
  return [...groups.values()].toSorted((a, b) => first(a) - first(b));
}

function title({ sensorName, quantity }: Channel): string {
  const { label, symbol } = QUANTITIES[quantity];
  if (sensorName === label) return sensorName;
  const scaled = quantity === 'data' || quantity === 'duration';
  return `${sensorName} · ${label}${symbol === '' || scaled ? '' : ` (${symbol})`}`;
}
