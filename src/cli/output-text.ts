/** Outputs, rules and events as lines for a person. Pure. */
import type { DeviceEvent, OutputState, RuleStateRow } from '../shared/output.ts';
import { explainRule, outputValueText, spanText, type RuleNames } from '../shared/rule-text.ts';
import type { Channel } from '../shared/engine-contract.ts';
import { table } from './output.ts';

const CAUSES: Record<DeviceEvent['cause'], string> = {
  person: 'by',
  rule: 'by rule',
  lease: 'its lease ended, held by',
  limit: 'its longest time on was over, held by',
  boot: 'the daemon started',
  host: 'the process that held it was started anew',
  stop: 'the daemon ended',
  interlock: 'an interlock, wanted by',
};

/** Names from what the archive and the device know. */
export function ruleNames(
  channels: readonly Channel[],
  outputs: readonly OutputState[],
  timeZone: string,
): RuleNames {
  return {
    channel(sensor, channel) {
      const known = channels.find((row) => row.sensor === sensor && row.channel === channel);
      return known ? { name: `${known.sensorName} ${known.channel}`, quantity: known.quantity } : null;
    },
    output: (output) => outputs.find((row) => row.output === output)?.name ?? null,
    timeZone,
  };
}

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
      changeText(event),
      whyText(event),
    ]),
  );
}

function changeText({ kind, value, before, refused }: DeviceEvent): string {
  if (kind === 'alarm') return value ? 'raised' : 'over';
  const text = (of: number | null) => (of === null ? 'not known' : outputValueText(of));
  if (refused !== null) return kind === 'rule' ? 'cannot judge' : `not ${text(value)}`;
  return before === null || before === value ? text(value) : `${text(before)} → ${text(value)}`;
}

function whyText({ kind, cause, by, refused }: DeviceEvent): string {
  if (kind !== 'output') return refused ?? by;
  const reason = `${CAUSES[cause]} ${by}`.trim();
  return refused === null ? reason : `${reason}: ${refused}`;
}

function iso(epochMs: number): string {
  return Math.abs(epochMs) < 8e15 ? new Date(epochMs).toISOString() : String(epochMs);
}
