/** Getting to know a device that runs Nerves: log in, compare its key, see what it says of itself; then push to it. */
import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRecord, Fingerprint, Login } from '../../../src/shared/engine-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import type { NervesFacts } from '../../../src/shared/nerves.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useCalls, useMuster } from '../../stores/muster.tsx';
import { nervesFactRows } from '../../text/nerves-words.ts';
import { ConfirmKey } from '../install/confirm-key.tsx';
import { LoginForm } from '../install/login-form.tsx';
import styles from './nerves-join.module.css';

type Step =
  | { name: 'login' }
  | { name: 'confirm'; login: Login; fingerprint: Fingerprint }
  | { name: 'known'; facts: NervesFacts };

export function NervesJoin({ device }: { device: DeviceRecord }) {
  const { ui } = useMuster();
  const call = useCalls();
  const [step, setStep] = useState<Step>({ name: 'login' });
  const [addKey, setAddKey] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);

  async function inspect(login: Login, trust: string | null): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const answer = await call['nerves.inspect']({ device: device.id, login, trust, addKey });
      setStep(
        answer.step === 'ready'
          ? { name: 'known', facts: answer.facts }
          : { name: 'confirm', login, fingerprint: answer.fingerprint },
      );
    } catch (thrown) {
      setError(errorToWire(thrown));
      setStep({ name: 'login' });
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className={styles.join} aria-label="Nerves firmware">
      <h2>{device.name} runs Nerves firmware</h2>
      <p className={styles.quiet}>
        It brings its own program, so no sensor daemon is installed beside it. Muster can push new firmware to
        it and see whether it stays.
      </p>
      {error && <ErrorNote error={error} facts={{ name: device.name }} />}
      {step.name === 'login' && (
        <>
          <LoginForm device={device} busy={busy} onLogin={(login) => void inspect(login, null)} />
          <Checkbox
            label="Have it let this laptop in from now on, so that no password is needed for a push"
            checked={addKey}
            onChange={(event) => setAddKey(event.currentTarget.checked)}
          />
        </>
      )}
      {step.name === 'confirm' && (
        <ConfirmKey
          name={device.name}
          fingerprint={step.fingerprint}
          onYes={() => void inspect(step.login, step.fingerprint.sha256)}
          onNo={() => setStep({ name: 'login' })}
        />
      )}
      {step.name === 'known' && (
        <>
          <Facts rows={nervesFactRows(step.facts)} />
          <Button onClick={() => ui.getState().go({ name: 'push', devices: [device.id] })}>
            Push firmware …
          </Button>
        </>
      )}
    </section>
  );
}
