/** A rule while it is written: in words, and what it would have done with what was recorded, before it is applied. */
import { NativeSelect } from '@mantine/core';
import { useEffect, useState } from 'react';
import { explainRule, type RuleNames } from '../../../src/shared/rule-text.ts';
import { ruleSchema, type Rule } from '../../../src/shared/rule.ts';
import { pageClock } from '../../page-clock.ts';
import { useCalls } from '../../stores/muster.tsx';
import { simulationText } from '../../text/simulation-words.ts';
import styles from './configuration.module.css';

const PAUSE_MS = 700;
const DAY_MS = 86_400_000;
const SPANS = [
  { value: 'yesterday', label: 'yesterday' },
  { value: '1', label: 'the last 24 hours' },
  { value: '7', label: 'the last 7 days' },
] as const;

/** Epoch ms of a span that ends now, or with the last midnight of this laptop. */
function spanOf(value: string, now: number): { from: number; to: number } {
  if (value !== 'yesterday') return { from: now - Number(value) * DAY_MS, to: now };
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const to = midnight.getTime();
  midnight.setDate(midnight.getDate() - 1);
  return { from: midnight.getTime(), to };
}

export function RuleWords({ device, row, names }: { device: string; row: unknown; names: RuleNames }) {
  const { data: rule } = ruleSchema.safeParse(row);
  if (!rule)
    return (
      <p className={styles.quiet}>
        Not a whole rule yet: it needs a value or a time to begin with, and an output to switch or an alarm to
        tell.
      </p>
    );
  return (
    <div className={styles.words} role="group" aria-label="In words">
      <p>{explainRule(rule, names)}</p>
      <Simulated device={device} rule={rule} names={names} />
    </div>
  );
}

function Simulated({ device, rule, names }: { device: string; rule: Rule; names: RuleNames }) {
  const call = useCalls();
  const [span, setSpan] = useState('1');
  const [words, setWords] = useState('');
  const { timeZone } = names;
  const asked = JSON.stringify(rule);
  useEffect(() => {
    let open = true;
    const cancel = pageClock.after(PAUSE_MS, () => {
      const parsed = ruleSchema.parse(JSON.parse(asked));
      const shown = SPANS.find(({ value }) => value === span)?.label ?? '';
      void call['rules.simulate']({ device, rule: parsed, timeZone, ...spanOf(span, pageClock.wall()) })
        .then((outcome) => simulationText(outcome, parsed, names, shown))
        // a zone that is being typed, a device that went: there is nothing to say
        .catch(() => '')
        .then((text) => {
          if (open) setWords(text);
        });
    });
    return () => {
      open = false;
      cancel();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the names are made anew each time and only name
  }, [asked, call, device, span, timeZone]);
  return (
    <div className={styles.simulated}>
      <NativeSelect
        label="Tried on what was recorded in"
        data={SPANS}
        value={span}
        onChange={(event) => setSpan(event.currentTarget.value)}
      />
      <p role="status">{words}</p>
    </div>
  );
}
