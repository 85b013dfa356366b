/** What happened to an output, a rule or an alarm, in words. */
import type { DeviceEvent } from './output.ts';
import { outputValueText } from './rule-text.ts';

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

/** What changed: `off → on`, `not on`, `raised`. */
export function eventChange({ kind, value, before, refused }: DeviceEvent): string {
  if (kind === 'alarm') return value ? 'raised' : 'over';
  const text = (of: number | null) => (of === null ? 'not known' : outputValueText(of));
  if (refused !== null) return kind === 'rule' ? 'cannot judge' : `not ${text(value)}`;
  return before === null || before === value ? text(value) : `${text(before)} → ${text(value)}`;
}

/** Why, and who: `by ann@laptop`; the reason of a refusal after it. */
export function eventReason({ kind, cause, by, refused }: DeviceEvent): string {
  if (kind !== 'output') return refused ?? by;
  const reason = `${CAUSES[cause]} ${by}`.trim();
  return refused === null ? reason : `${reason}: ${refused}`;
}
