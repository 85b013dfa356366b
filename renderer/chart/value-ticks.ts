/** Labels of a value axis. The unit stands in the chart's title; bytes and times carry one that fits their size. */
import type { Quantity } from '../../src/shared/quantity.ts';
import { formatBytes, formatDuration } from '../text/format.ts';

/** Labels for tick values that are `step` apart. */
export function valueTickLabels(ticks: readonly number[], step: number, quantity: Quantity): string[] {
  if (quantity === 'data') return ticks.map((tick) => formatBytes(tick));
  if (quantity === 'duration') return ticks.map((tick) => formatDuration(tick * 1000));
  const decimals = Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return ticks.map((tick) =>
    tick.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  );
}
