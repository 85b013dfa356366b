/** Taking Muster off a device again, with or without what it recorded. */
import { Button, PasswordInput, Radio } from '@mantine/core';
import { useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { JobView } from '../../parts/job-view.tsx';
import { useDevice, useJobs, useMuster } from '../../stores/muster.tsx';
import { DrawerFrame } from './drawer-frame.tsx';
import styles from './install.module.css';

export function UninstallDrawer({ device: id }: { device: string }) {
  const { engine, ui } = useMuster();
  const device = useDevice(id);
  const [keep, setKeep] = useState('keep');
  const [password, setPassword] = useState('');
  const [sudo, setSudo] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const why = useJobs((state) => (failed === null ? undefined : state.jobs.get(failed)?.error?.code));
  const name = device?.name ?? 'the device';
  const asksPassword = why === 'AUTH_NEEDED' || why === 'AUTH_FAILED' || password !== '';
  const asksSudo = why === 'SUDO_PASSWORD_NEEDED' || why === 'SUDO_PASSWORD_WRONG' || sudo !== '';

  async function start(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const started = await engine.call['uninstall.start']({
        device: id,
        ...(password === '' ? {} : { password }),
        sudoPassword: sudo === '' ? null : sudo,
        keepData: keep === 'keep',
      });
      setJob(started.job);
    } catch (thrown) {
      setError(errorToWire(thrown));
    } finally {
      setBusy(false);
    }
  }

  function again(): void {
    setFailed(job);
    setJob(null);
  }

  return (
    <DrawerFrame title={`Remove Muster from ${name}`} step={job ?? 'ask'}>
      {job ? (
        <JobView
          job={job}
          name={name}
          hint="Leave the device switched on until this ends."
          renderDone={() => <Button onClick={() => ui.getState().closeDrawer()}>Close</Button>}
          retry={<Button onClick={again}>Try again</Button>}
        />
      ) : (
        <form
          className={styles.part}
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <p className={styles.quiet}>
            Stops the daemon and takes back every change of the installation. Readings already on this laptop
            stay.
          </p>
          <Radio.Group label="What it has recorded there" value={keep} onChange={setKeep}>
            <Radio mt="sm" value="keep" label="Keep on the device: a later installation goes on from it" />
            <Radio mt="sm" value="delete" label="Delete: readings not fetched yet are lost" />
          </Radio.Group>
          {asksPassword && (
            <PasswordInput
              label={`Password of ${device?.user ?? 'the login user'} on ${name}`}
              description="This laptop’s key is not accepted there. It is used once and not kept."
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {asksSudo && (
            <PasswordInput
              label="Administrator (sudo) password"
              value={sudo}
              onChange={(event) => setSudo(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {error && <ErrorNote error={error} facts={{ name }} />}
          <div className={styles.actions}>
            <Button type="submit" color="var(--bad)" loading={busy}>
              {keep === 'keep'
                ? `Remove from ${name}, keep its readings`
                : `Remove from ${name} with its readings`}
            </Button>
          </div>
        </form>
      )}
    </DrawerFrame>
  );
}
