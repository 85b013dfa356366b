/** The install drawer: one device after another, each from login to its first reading. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { JobView } from '../../parts/job-view.tsx';
import { useDevice, useFleet, useMuster } from '../../stores/muster.tsx';
import { reachedBy } from '../../text/device-state.ts';
import { ConfirmKey, KeyChanged } from './confirm-key.tsx';
import { DrawerFrame } from './drawer-frame.tsx';
import styles from './install.module.css';
import { LoginForm } from './login-form.tsx';
import { PlanView } from './plan-view.tsx';
import { useInstall } from './use-install.ts';

export function InstallDrawer({ devices }: { devices: string[] }) {
  const [at, setAt] = useState(0);
  const [step, setStep] = useState('');
  const fleet = useFleet((state) => state.devices);
  const id = devices[at] ?? '';
  const device = useDevice(id);
  const next = devices[at + 1];
  const nextName = next === undefined ? null : (fleet.get(next)?.name ?? null);
  return (
    <DrawerFrame title={`Install on ${device?.name ?? 'a device'}`} step={step}>
      {devices.length > 1 && (
        <p className={styles.quiet}>
          Device {at + 1} of {devices.length}
          {nextName && `, then ${nextName}`}
        </p>
      )}
      {device ? (
        <Talk key={at} device={device} nextName={nextName} onNext={() => setAt(at + 1)} onStep={setStep} />
      ) : (
        <p className={styles.quiet}>This device is gone from the list. Esc closes.</p>
      )}
    </DrawerFrame>
  );
}

function Talk(props: {
  device: DeviceRecord;
  nextName: string | null;
  onNext: () => void;
  onStep: (step: string) => void;
}) {
  const { device, nextName, onNext, onStep } = props;
  const { ui } = useMuster();
  const { state, send, logIn, go } = useInstall(device.id);
  const back = () => send({ type: 'back' });
  const step = `${device.id} ${state.at}`;
  useEffect(() => onStep(step), [step, onStep]);

  switch (state.at) {
    case 'login':
    case 'connecting':
      return (
        <section className={styles.part}>
          <p className={styles.quiet}>
            {[device.model, device.addresses[0]?.host, reachedBy(device)].filter(Boolean).join(', ')}
          </p>
          <LoginForm device={device} busy={state.at === 'connecting'} onLogin={logIn} />
          {state.at === 'connecting' && (
            <Button variant="default" onClick={back}>
              Cancel
            </Button>
          )}
          {state.at === 'login' && state.error && (
            <ErrorNote error={state.error} facts={{ name: device.name }} />
          )}
        </section>
      );
    case 'confirm-key':
      return (
        <ConfirmKey
          name={device.name}
          fingerprint={state.fingerprint}
          onYes={() => send({ type: 'key-confirmed' })}
          onNo={back}
        />
      );
    case 'key-changed':
      return (
        <KeyChanged
          device={device}
          error={state.error}
          offered={state.offered}
          onTrust={() => send({ type: 'key-replaced' })}
          onStop={back}
        />
      );
    case 'plan':
    case 'starting':
      return (
        <PlanView
          name={device.name}
          facts={state.facts}
          plan={state.plan}
          fingerprint={state.fingerprint}
          error={state.at === 'plan' ? state.error : null}
          busy={state.at === 'starting'}
          onGo={go}
          onBack={back}
        />
      );
    case 'job':
      return (
        <JobView
          job={state.job}
          name={device.name}
          hint="Leave the device switched on until this ends."
          renderDone={({ result }) => (
            <div className={styles.actions}>
              {nextName && <Button onClick={onNext}>Next: {nextName}</Button>}
              <Button
                variant={nextName ? 'default' : 'filled'}
                onClick={() => {
                  ui.getState().closeDrawer();
                  ui.getState().go({
                    name: 'device',
                    // The installation gives a device its lasting id.
                    device: typeof result?.['device'] === 'string' ? result['device'] : device.id,
                  });
                }}
              >
                Open its charts
              </Button>
            </div>
          )}
          retry={
            <div className={styles.actions}>
              <Button onClick={back}>Try again</Button>
              {nextName && (
                <Button variant="default" onClick={onNext}>
                  Leave it, next: {nextName}
                </Button>
              )}
            </div>
          }
        />
      );
  }
}
