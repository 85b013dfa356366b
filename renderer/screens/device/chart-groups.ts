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

/** Groups in the order of their first channel. `channels` are the device's, in their lasting order. */
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
  return [...groups.values()];
}

function title({ sensorName, quantity }: Channel): string {
  const { label, symbol } = QUANTITIES[quantity];
  if (sensorName === label) return sensorName;
  const scaled = quantity === 'data' || quantity === 'duration';
  return `${sensorName} · ${label}${symbol === '' || scaled ? '' : ` (${symbol})`}`;
}
