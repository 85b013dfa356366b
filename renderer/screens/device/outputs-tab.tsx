/** Where each output is, who holds it and for how long yet; a person's hand on it; the rules in words; what happened. */
import { Button, NativeSelect } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { Channel, DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { eventChange, eventReason } from '../../../src/shared/event-text.ts';
import type { DeviceEvent, OutputState, RuleStateRow } from '../../../src/shared/output.ts';
import { explainRule, outputValueText, ruleNames, type RuleNames } from '../../../src/shared/rule-text.ts';
import { pageClock } from '../../page-clock.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { useNow } from '../../parts/use-now.ts';
import { useCalls } from '../../stores/muster.tsx';
import type { Tone } from '../../text/device-state.ts';
import { formatAgo, formatDuration, formatTime } from '../../text/format.ts';
import { simulationText } from '../../text/simulation-words.ts';
import styles from './outputs-tab.module.css';
import { usePolled } from './use-polled.ts';

const ASK_MS = 1000;
const SHOWN_EVENTS = 30;
const DAY_MS = 86_400_000;

/** For how long a person holds an output; empty: its own lease. */
const SPANS = [
  { value: '', label: 'for its own time' },
  { value: '60000', label: 'for 1 min' },
  { value: '600000', label: 'for 10 min' },
  { value: '3600000', label: 'for 1 h' },
];
const PWM_VALUES = [0.25, 0.5, 0.75];

interface OutputsTabProps {
  device: DeviceRecord;
  channels: readonly Channel[];
  linked: boolean;
}

export function OutputsTab({ device, channels, linked }: OutputsTabProps) {
  const call = useCalls();
  const [done, setDone] = useState(0);
  const ask = useCallback(async () => {
    const on = { device: device.id };
    const [{ outputs }, rules, { events }] = await Promise.all([
      call['device.outputs'](on),
      call['device.rules'](on),
      call['device.events']({ ...on, after: null, limit: SHOWN_EVENTS }),
    ]);
    return { outputs, ...rules, events };
    // oxlint-disable-next-line react/exhaustive-deps -- a deed done is a reason to ask at once
  }, [call, device.id, done]);
  const { value: state, error } = usePolled(ask, ASK_MS, linked);
  const [forMs, setForMs] = useState('');
  if (error && linked) return <ErrorNote error={error} facts={{ name: device.name }} />;
  if (!state)
    return (
      <p className={styles.quiet}>
        {linked ? 'Asking the device…' : 'Not known while the device is not connected.'}
      </p>
    );
  const names = ruleNames(channels, state.outputs, state.timeZone);

  const set = async (output: OutputState, value: number | null): Promise<void> => {
    try {
      await call['device.setOutput']({
        device: device.id,
        output: output.output,
        value,
        forMs: forMs === '' ? null : Number(forMs),
      });
    } catch (thrown) {
      toastError(thrown, { name: output.name });
    }
    setDone((count) => count + 1);
  };

  return (
    <div className={styles.tab}>
      <section aria-label="Outputs">
        <h2>Outputs</h2>
        {state.outputs.length === 0 && (
          <p className={styles.quiet}>This device has none. They are named in its configuration.</p>
        )}
        {state.outputs.length > 0 && (
          <NativeSelect
            label="Hold what I switch"
            data={SPANS}
            value={forMs}
            onChange={(event) => setForMs(event.currentTarget.value)}
          />
        )}
        <ul className={styles.rows}>
          {state.outputs.map((output) => (
            <Output key={output.output} output={output} set={(value) => void set(output, value)} />
          ))}
        </ul>
      </section>
      <section aria-label="Rules">
        <h2>Rules</h2>
        {state.rules.length === 0 && (
          <p className={styles.quiet}>None. Nothing happens here without a person.</p>
        )}
        <ul className={styles.rows}>
          {state.rules.map((row) => (
            <RuleRow key={row.rule.id} row={row} names={names} device={device.id} />
          ))}
        </ul>
      </section>
      <section aria-label="What happened">
        <h2>What happened</h2>
        <Events events={state.events} names={names} />
      </section>
    </div>
  );
}

function outputWord({ state, value }: OutputState): { tone: Tone; word: string } {
  if (state === 'failing' || value === null) return { tone: 'bad', word: 'Failing' };
  const word = outputValueText(value);
  return { tone: value > 0 ? 'good' : 'unknown', word: `${word[0]?.toUpperCase()}${word.slice(1)}` };
}

function heldText({ hold, error, restMs }: OutputState): string {
  if (error !== null) return error;
  const rest = restMs > 0 ? `Must stay off for ${formatDuration(restMs)} more. ` : '';
  if (!hold) return `${rest}Nobody holds it.`;
  if (hold.cause === 'rule') return `${rest}Held by rule ${hold.by}.`;
  return `${rest}Held by ${hold.by} for ${formatDuration(hold.leftMs)} more.`;
}

function Output({ output, set }: { output: OutputState; set: (value: number | null) => void }) {
  const { kind, name, value, hold } = output;
  return (
    <li>
      <strong className={styles.name} title={output.output}>
        {name}
      </strong>
      <StateWord {...outputWord(output)} />
      <span className={styles.why}>{heldText(output)}</span>
      <span className={styles.actions}>
        {kind === 'pwm' &&
          PWM_VALUES.map((share) => (
            <Button
              key={share}
              variant="default"
              size="compact-sm"
              aria-label={`${name} at ${outputValueText(share)}`}
              onClick={() => set(share)}
            >
              {outputValueText(share)}
            </Button>
          ))}
        <Button
          size="compact-sm"
          variant={value === 1 ? 'default' : 'filled'}
          aria-label={`Switch ${name} on`}
          onClick={() => set(1)}
        >
          Switch on
        </Button>
        <Button variant="default" size="compact-sm" aria-label={`Switch ${name} off`} onClick={() => set(0)}>
          Switch off
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          disabled={hold?.cause !== 'person'}
          aria-label={`Give ${name} back`}
          onClick={() => set(null)}
        >
          Give back
        </Button>
      </span>
    </li>
  );
}

const RULE_WORDS: Record<RuleStateRow['state'], { tone: Tone; word: string }> = {
  on: { tone: 'good', word: 'On' },
  off: { tone: 'unknown', word: 'Off' },
  waiting: { tone: 'attention', word: 'Waiting' },
  failing: { tone: 'bad', word: 'Failing' },
};

function RuleRow({ row, names, device }: { row: RuleStateRow; names: RuleNames; device: string }) {
  const { rule, state, why } = row;
  const call = useCalls();
  const [simulated, setSimulated] = useState<string | null>(null);
  const simulate = async (): Promise<void> => {
    const to = pageClock.wall();
    try {
      const { timeZone } = names;
      const outcome = await call['rules.simulate']({ device, rule, timeZone, from: to - DAY_MS, to });
      setSimulated(simulationText(outcome, rule, names, 'the last 24 hours'));
    } catch (thrown) {
      toastError(thrown);
    }
  };
  return (
    <li>
      <strong className={styles.name}>{rule.name ?? rule.id}</strong>
      <StateWord {...RULE_WORDS[state]} />
      <span className={styles.why}>
        {explainRule(rule, names)}
        {why !== null && <span className={styles.trouble}> {why}</span>}
        {simulated !== null && <span role="status"> {simulated}</span>}
      </span>
      <span className={styles.actions}>
        <Button variant="default" size="compact-sm" onClick={() => void simulate()}>
          Try on the last 24 hours
        </Button>
      </span>
    </li>
  );
}

function Events({ events, names }: { events: readonly DeviceEvent[]; names: RuleNames }) {
  const now = useNow();
  if (events.length === 0) return <p className={styles.quiet}>Nothing yet.</p>;
  return (
    <table className={styles.events}>
      <thead>
        <tr>
          {['When', 'What', 'Change', 'Why'].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {events.toReversed().map((event) => (
          <tr key={event.seq}>
            <td title={formatTime(event.at)}>{formatAgo(event.at, now)}</td>
            <td>{subjectText(event, names)}</td>
            <td>{eventChange(event)}</td>
            <td>{eventReason(event)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function subjectText({ kind, subject }: DeviceEvent, names: RuleNames): string {
  return kind === 'output' ? (names.output(subject) ?? subject) : `${kind} ${subject}`;
}
