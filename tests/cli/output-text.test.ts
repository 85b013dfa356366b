/** What `set` takes and what `rules` and `events` say. */
import { describe, expect, it } from 'vitest';
import { parseSpan, parseValue } from '../../src/cli/commands/outputs.ts';
import { eventsText } from '../../src/cli/output-text.ts';
import type { DeviceEvent } from '../../src/shared/output.ts';
import { ruleSchema } from '../../src/shared/rule.ts';
import { explainRule, spanText, type RuleNames } from '../../src/shared/rule-text.ts';

const NAMES: RuleNames = {
  channel: () => ({ name: 'Air temperature', quantity: 'temperature' }),
  output: () => 'Fan',
  timeZone: 'Europe/Berlin',
};
const explain = (rule: object) => explainRule(ruleSchema.parse({ id: 'r', ...rule }), NAMES);
const when = { sensor: 'air', channel: 'temperature' };

it('takes values and spans as people type them', () => {
  expect(['on', 'OFF', 'auto', '40%', '0.4'].map(parseValue)).toEqual([1, 0, null, 0.4, 0.4]);
  for (const text of ['', 'maybe', '140%', '-1']) expect(() => parseValue(text)).toThrow(/none of on, off/);
  expect(['30s', '10m', '2h', '90', '1.5h', '10 minutes'].map(parseSpan)).toEqual([
    30_000,
    600_000,
    7_200_000,
    90_000,
    5_400_000,
    null,
  ]);
  expect([500, 90_000, 3_600_000, 86_399_000].map(spanText)).toEqual([
    '500 ms',
    '1 min 30 s',
    '1 h',
    '23 h 59 min 59 s',
  ]);
});

describe('a rule in words', () => {
  it('tells threshold, schedule, limits and deed', () => {
    expect(
      explain({
        when: { ...when, above: 28, until: 26, forMs: 30_000 },
        during: { days: ['sat', 'mon'], from: '06:00', to: '20:00' },
        set: { output: 'fan', value: 0.4 },
        minOnMs: 60_000,
        maxOnMs: 600_000,
      }),
    ).toBe(
      'When Air temperature is above 28 °C for 30 s, from 06:00 to 20:00 (Europe/Berlin) on Monday, Saturday: Fan 40 %, until it is back at 26 °C. It then stays so for at least 1 min. It ends after 10 min at most, and begins again only when the reason has been gone once.',
    );
  });

  it('tells an alarm, and a schedule alone', () => {
    expect(explain({ when: { ...when, below: 2 }, alarm: 'Frost' })).toBe(
      'When Air temperature is below 2 °C: tell “Frost”.',
    );
    expect(explain({ during: { from: '22:00', to: '06:00' }, set: { output: 'fan' } })).toBe(
      'From 22:00 to 06:00 (Europe/Berlin): Fan on.',
    );
  });
});

it('tells what happened and why', () => {
  const event: DeviceEvent = {
    seq: 1,
    at: Date.UTC(2026, 4, 3, 12),
    clock: 'ntp',
    run: 1,
    kind: 'output',
    subject: 'valve',
    value: 1,
    before: 0,
    cause: 'person',
    by: 'ann@laptop',
    refused: null,
  };
  const text = eventsText([
    event,
    { ...event, value: 0, before: 1, cause: 'lease', clock: 'none' },
    { ...event, cause: 'interlock', refused: 'drain is on, and never both may be' },
  ]);
  expect(text.split('\n').slice(1)).toEqual([
    '2026-05-03T12:00:00.000Z                  valve  off → on  by ann@laptop',
    '2026-05-03T12:00:00.000Z (clock not set)  valve  on → off  its lease ended, held by ann@laptop',
    '2026-05-03T12:00:00.000Z                  valve  not on    an interlock, wanted by ann@laptop: drain is on, and never both may be',
  ]);
});
