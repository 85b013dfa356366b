/** What a rule would have done with recorded readings, in a sentence. */
import { outputValueText, type RuleNames } from '../../src/shared/rule-text.ts';
import type { Rule } from '../../src/shared/rule.ts';
import { formatCount, formatDuration } from './format.ts';

interface Outcome {
  times: number;
  onMs: number;
  unheardMs: number;
  readings: number;
}

/** `span` as it stands in the sentence: `the last 24 hours`. */
export function simulationText(
  outcome: Outcome,
  { when, set, alarm }: Rule,
  names: RuleNames,
  span: string,
): string {
  const { times, onMs, unheardMs, readings } = outcome;
  if (when && readings === 0) return `This laptop has no readings of ${span} to try it on.`;
  const deeds = [
    ...(set ? [setText(names.output(set.output) ?? set.output, set.value ?? 1)] : []),
    ...(alarm === undefined ? [] : [`told “${alarm}”`]),
  ];
  const often = times === 0 ? '' : ` ${formatCount(times, 'time')}, for ${formatDuration(onMs)} in all`;
  const unheard =
    unheardMs > 0 ? ` For ${formatDuration(unheardMs)} of it there were no readings to judge by.` : '';
  return `In ${span} it would ${times === 0 ? 'never ' : ''}have ${deeds.join(' and ')}${often}.${unheard}`;
}

function setText(output: string, value: number): string {
  const word = outputValueText(value);
  return value === 0 || value === 1 ? `switched ${output} ${word}` : `set ${output} to ${word}`;
}
