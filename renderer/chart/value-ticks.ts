/** Labels of a value axis. The unit stands in the chart's title; bytes and times carry one that fits their size. */
import type { Quantity } from '../../src/shared/quantity.ts';
import { formatDuration } from '../text/format.ts';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const MOST_DECIMALS = 9;

/** Labels for tick values that are `step` apart, with as many decimals as tell them apart exactly. */
export function valueTickLabels(ticks: readonly number[], step: number, quantity: Quantity): string[] {
  if (quantity === 'duration') return ticks.map((tick) => formatDuration(tick * 1000));
  const largest = Math.max(...ticks.map(Math.abs), 1);
  const power =
    quantity === 'data' ? Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(largest) / 3)) : 0;
  const scale = 1000 ** power;
  const decimals = decimalsOf(step / scale);
  const unit = quantity === 'data' ? `\u00a0${BYTE_UNITS[power]}` : '';
  return ticks.map(
    (tick) =>
      (tick / scale).toLocaleString('en', {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      }) + unit,
  );
}

/** Decimals that write `step` whole: 2 for 0.25, 0 for 20. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    const shifted = step * 10 ** decimals;
    if (Math.abs(shifted - Math.round(shifted)) < 1e-6 * shifted) return decimals;
  }
  return MOST_DECIMALS;
}
