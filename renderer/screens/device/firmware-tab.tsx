/** What a device runs, what it could go back to, how a trial goes, and whose firmware it takes. */
import { Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { SigningKey } from '../../../src/shared/campaign.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import type { FirmwareState } from '../../../src/shared/firmware.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { useCalls, useMuster } from '../../stores/muster.tsx';
import { lastWords, runningSlot, slotWords, wayBack } from '../../text/firmware-words.ts';
import { formatDuration } from '../../text/format.ts';
import styles from './firmware-tab.module.css';
import { TreeQuestion } from './tree-question.tsx';
import { usePolled } from './use-polled.ts';

const ASK_MS = 2000;

interface Deed {
  title: string;
  text: string;
  button: string;
  act: () => Promise<unknown>;
}

export function FirmwareTab({ device, linked }: { device: DeviceRecord; linked: boolean }) {
  const { ui } = useMuster();
  const call = useCalls();
  const [done, setDone] = useState(0);
  // oxlint-disable-next-line react/exhaustive-deps -- a deed done is a reason to ask at once
  const ask = useCallback(() => call['firmware.state']({ device: device.id }), [call, device.id, done]);
  const { value: state, error } = usePolled(ask, ASK_MS, linked);
  const [deed, setDeed] = useState<Deed | null>(null);
  if (error && linked) return <ErrorNote error={error} facts={{ name: device.name }} />;
  if (!state)
    return (
      <p className={styles.quiet}>
        {linked ? 'Asking the device…' : 'Not known while the device is not connected.'}
      </p>
    );
  const back = wayBack(state);
  return (
    <div className={styles.tab}>
      <section aria-label="Version">
        <h2>Version</h2>
        <Versions state={state} />
        <div className={styles.actions}>
          <Button onClick={() => ui.getState().go({ name: 'push', devices: [device.id] })}>
            Push other firmware …
          </Button>
          {back && (
            <Button
              variant="default"
              onClick={() =>
                setDeed({
                  title: `Go back to ${back.version}?`,
                  text: `${device.name} restarts into ${slotWords(back)}. Nothing it recorded is lost; it does not measure for some seconds.`,
                  button: `Go back to ${back.version}`,
                  act: () => call['firmware.rollBack']({ device: device.id }),
                })
              }
            >
              Go back to {back.version}
            </Button>
          )}
        </div>
      </section>
      {state.trial && <Trial state={state} />}
      <Keys state={state} device={device} onAsk={setDeed} onDone={() => setDone((count) => count + 1)} />
      {deed && (
        <TreeQuestion
          question={deed}
          name={device.name}
          act={deed.act}
          close={() => {
            setDeed(null);
            setDone((count) => count + 1);
          }}
        />
      )}
    </div>
  );
}

function Versions({ state }: { state: FirmwareState }) {
  const now = runningSlot(state);
  const others = state.slots.filter(({ slot }) => slot !== state.running);
  return (
    <Facts
      rows={[
        ['Runs', now && <strong key="now">{slotWords(now)}</strong>],
        ['State', <StateWord key="state" {...trialWord(state)} />],
        ['Node.js', now?.runtime],
        ['Kept beside it', others.map(slotWords).join(', ')],
        ['Last change', lastWords(state)],
      ]}
    />
  );
}

function trialWord({ trial }: FirmwareState) {
  return trial
    ? ({ tone: 'attention', word: 'Proving itself: do not switch off' } as const)
    : ({ tone: 'good', word: 'Kept' } as const);
}

function Trial({ state: { trial } }: { state: FirmwareState }) {
  if (!trial) return null;
  return (
    <section aria-label="Trial">
      <h2>Trial of {trial.version}</h2>
      <ul className={styles.gates}>
        {trial.gates.map(({ id, title, met, detail }) => (
          <li key={id}>
            <StateWord tone={met ? 'good' : 'unknown'} word={title} />
            {detail && <span className={styles.quiet}>{detail}</span>}
          </li>
        ))}
      </ul>
      <p className={styles.quiet}>
        It goes back by itself in {formatDuration(trial.remainingMs)} unless all of this is true before.
      </p>
    </section>
  );
}

/** Whose firmware the device takes; keys of this laptop that it does not know yet can be let in. */
function Keys(props: {
  state: FirmwareState;
  device: DeviceRecord;
  onAsk: (deed: Deed) => void;
  onDone: () => void;
}) {
  const { state, device, onAsk, onDone } = props;
  const call = useCalls();
  const [ours, setOurs] = useState<SigningKey[]>([]);
  useEffect(() => {
    call['firmware.keys']({})
      .then(({ keys }) => setOurs(keys))
      .catch(toastError);
  }, [call]);
  const strangers = ours.filter(({ id }) => !state.keys.some((key) => key.id === id));
  const [free, withdrawn] = [false, true].map((is) =>
    strangers.filter(({ id }) => state.revoked.includes(id) === is),
  );
  return (
    <section aria-label="Trusted keys">
      <h2>Trusted keys</h2>
      <p className={styles.quiet}>
        {state.keys.length === 0
          ? 'The device refuses all firmware until a key is let in.'
          : 'The device takes firmware signed by one of these, and no other.'}
      </p>
      <ul className={styles.keys}>
        {state.keys.map((key) => (
          <li key={key.id}>
            <strong>{key.name}</strong>
            <code>{key.id}</code>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() =>
                onAsk({
                  title: `Withdraw the key of ${key.name}?`,
                  text: `${device.name} will never take firmware of this key again. That cannot be undone on this device.`,
                  button: 'Withdraw for good',
                  act: () => call['firmware.revoke']({ device: device.id, key: key.id }),
                })
              }
            >
              Withdraw …
            </Button>
          </li>
        ))}
        {(free ?? []).map((key) => (
          <li key={key.id}>
            <span>{key.name} (on this laptop)</span>
            <code>{key.id}</code>
            <Button
              size="compact-sm"
              onClick={() =>
                void call['firmware.trust']({ device: device.id, key: key.id }).then(onDone).catch(toastError)
              }
            >
              Let in
            </Button>
          </li>
        ))}
        {(withdrawn ?? []).map((key) => (
          <li key={key.id} className={styles.quiet}>
            <span>{key.name}</span>
            <code>{key.id}</code>
            <span>withdrawn</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
