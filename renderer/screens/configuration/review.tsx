/** What changes, what is wrong with it, and the trial: the device goes back by itself unless this laptop finds it again. */
import { Button, Checkbox } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { DeviceRecord, Job } from '../../../src/shared/engine-contract.ts';
import { JobView } from '../../parts/job-view.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { latestJob } from '../../stores/jobs-store.ts';
import { useCalls, useJobs } from '../../stores/muster.tsx';
import styles from './configuration.module.css';
import { DiffView } from './diff-view.tsx';
import type { Check } from './use-check.ts';
import type { Configuration } from './use-configuration.ts';

interface ReviewProps {
  device: DeviceRecord;
  configuration: Configuration;
  check: Check;
  linked: boolean;
  /** True while the device's document is another one than that which was changed. */
  conflict: boolean;
}

export function Review({ device, configuration, check, linked, conflict }: ReviewProps) {
  const call = useCalls();
  const { draft, state } = configuration;
  const [keep, setKeep] = useState(false);
  const [started, setStarted] = useState<string | null>(null);
  // one that was begun before this tab was opened runs on
  const job = useJobs((all) => {
    const newest = latestJob(all, 'configure', device.id);
    return newest && (newest.state === 'running' || newest.id === started) ? newest : null;
  });
  const start = async (): Promise<void> => {
    if (!draft) return;
    try {
      const order = { device: device.id, text: draft.text, base: draft.base.hash, keep };
      setStarted((await call['config.apply'](order)).job);
    } catch (thrown) {
      toastError(thrown, { name: device.name });
    }
  };
  if (job)
    return (
      <TrialJob
        job={job}
        device={device}
        again={
          <Button variant="default" onClick={() => setStarted(null)}>
            {job.state === 'done' ? 'Close' : 'Look at the changes again'}
          </Button>
        }
      />
    );
  if (!draft)
    return <p className={styles.quiet}>Nothing is changed. {device.name} runs on what the forms show.</p>;
  const wrong = check.problems.length;
  return (
    <section className={styles.group} aria-label="Changes">
      <h2>What changes on {device.name}</h2>
      <DiffView before={draft.base.text} after={draft.text} label="Changes" />
      {state.byFirmware && (
        <p className={styles.quiet}>
          Its firmware brings sensors, buses, outputs and rules of its own. Of this document only the name and
          the announcement count.
        </p>
      )}
      <Problems check={check} />
      <p>
        {device.name} restarts into it and measures nothing for a few seconds. It goes back by itself unless
        this laptop finds it again.
      </p>
      <Checkbox
        label="Keep it even when a sensor or an output that worked before does not"
        checked={keep}
        onChange={(event) => setKeep(event.currentTarget.checked)}
      />
      <p className={styles.adds}>
        <Button
          disabled={!linked || wrong > 0 || conflict || check.state !== 'checked' || state.trial !== null}
          onClick={() => void start()}
        >
          Try it on {device.name}
        </Button>
        {!linked && <span className={styles.quiet}>Not while {device.name} is not connected.</span>}
        {state.trial && (
          <span className={styles.quiet}>{state.trial.by} is trying another one just now.</span>
        )}
      </p>
    </section>
  );
}

/** What the device says is wrong, with the lines. */
export function Problems({ check }: { check: Check }) {
  if (check.problems.length === 0) return null;
  return (
    <ul className={styles.problems} aria-label="What is wrong">
      {check.problems.map(({ line, path, message }) => (
        <li key={`${line} ${path} ${message}`} className={styles.problem}>
          {line !== null && `Line ${line}: `}
          {path} {message}
        </li>
      ))}
    </ul>
  );
}

/** A trial under way or ended. */
export function TrialJob({ job, device, again }: { job: Job; device: DeviceRecord; again: ReactNode }) {
  return (
    <>
      <JobView
        job={job.id}
        name={device.name}
        hint={`${device.name} goes back to the configuration before by itself unless this laptop finds it again.`}
        renderDone={({ result }) => (
          <>
            <p role="status">
              {device.name} runs on it, this laptop found it again, and it is kept.
              {typeof result?.['note'] === 'string' && ` But ${result['note']}.`}
            </p>
            <p className={styles.adds}>{again}</p>
          </>
        )}
        retry={<p className={styles.adds}>{again}</p>}
      />
    </>
  );
}
