/** Channels that chips of the air have alike: what can be believed, and what never stands still on a living chip. */
import type { ChannelDeclaration } from './driver.ts';

/** Noise alone moves the last digit of temperature and pressure sooner than this, ms. */
const RESTLESS_MS = 600_000;

/** °C from `low` to `high`, what the chip is made for. */
export function temperatureChannel(low: number, high: number, restlessMs = RESTLESS_MS): ChannelDeclaration {
  return {
    channel: 'temperature',
    quantity: 'temperature',
    decimals: 2,
    plausible: [low, high],
    restlessMs,
  };
}

/** Stands still at 100 %. */
export const HUMIDITY_CHANNEL: ChannelDeclaration = {
  channel: 'humidity',
  quantity: 'humidity',
  decimals: 1,
  plausible: [0, 100],
};

/** Of the air, from the highest mountain to the deepest mine. */
export const PRESSURE_CHANNEL: ChannelDeclaration = {
  channel: 'pressure',
  quantity: 'pressure',
  decimals: 0,
  plausible: [30_000, 110_000],
  restlessMs: RESTLESS_MS,
};
