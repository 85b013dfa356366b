/** Outputs, rules and events as lines for a person. Pure. */
import type { DeviceEvent, OutputState, RuleStateRow } from '../shared/output.ts';
import { explainRule, outputValueText, spanText, type RuleNames } from '../shared/rule-text.ts';
import { eventChange, eventReason } from '../shared/event-text.ts';
import { table } from './output.ts';

export function outputsText(outputs: readonly OutputState[]): string {
  if (outputs.length === 0) return 'This device has no outputs.';
  return table(
    ['OUTPUT', 'NAME', 'IS', 'HELD BY', 'FOR', 'NOTE'],
    outputs.map(({ output, name, value, hold, error, restMs }) => [
      output,
      name,
      value === null ? 'not known' : outputValueText(value),
      hold ? (hold.cause === 'rule' ? `rule ${hold.by}` : hold.by) : 'nobody',
      hold ? spanText(Math.ceil(hold.leftMs / 1000) * 1000) : '',
      error ?? (restMs > 0 ? `must stay off for ${spanText(Math.ceil(restMs / 1000) * 1000)}` : ''),
    ]),
  );
}

export function rulesText(rules: readonly RuleStateRow[], names: RuleNames): string {
  if (rules.length === 0) return 'This device has no rules.';
  return rules
    .map(({ rule, state, why }) => {
      const title = `${rule.name ?? rule.id} (${state})${why ? `: ${why}` : ''}`;
      return `${title}\n  ${explainRule(rule, names)}`;
    })
    .join('\n');
}

export function eventsText(events: readonly DeviceEvent[]): string {
  if (events.length === 0) return 'Nothing has happened to outputs and rules yet.';
  return table(
    ['WHEN', 'WHAT', 'CHANGE', 'WHY'],
    events.map((event) => [
      `${iso(event.at)}${event.clock === 'none' ? ' (clock not set)' : ''}`,
      event.kind === 'output' ? event.subject : `${event.kind} ${event.subject}`,
      eventChange(event),
      eventReason(event),
    ]),
  );
}

function iso(epochMs: number): string {
  return Math.abs(epochMs) < 8e15 ? new Date(epochMs).toISOString() : String(epochMs);
}
