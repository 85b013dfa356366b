/** How far a step is: amount, rate and time left. */
import type { Step } from '../../src/shared/engine-contract.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';

/** Ms until `step` ends at its present rate, null when that cannot be told. */
export function timeLeft(step: Step): number | null {
  if (!step.total || !step.rate || step.rate <= 0) return null;
  return (Math.max(0, step.total - (step.done ?? 0)) / step.rate) * 1000;
}

/** `12 MB of 38 MB, 4.1 MB/s, 7 s left`. */
export function progressText(step: Step, unit: 'bytes' | 'rows'): string {
  const amount = (n: number) => (unit === 'bytes' ? formatBytes(n) : n.toLocaleString('en'));
  const total = step.total ?? 0;
  const parts = [
    `${amount(step.done ?? 0)} of ${unit === 'bytes' ? amount(total) : formatCount(total, 'row')}`,
  ];
  if (step.rate)
    parts.push(
      unit === 'bytes' ? `${formatBytes(step.rate)}/s` : `${formatCount(Math.round(step.rate), 'row')}/s`,
    );
  const left = timeLeft(step);
  if (left !== null) parts.push(`${formatDuration(Math.max(1000, left))} left`);
  return parts.join(', ');
}
