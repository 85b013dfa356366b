/** Long work: its steps, a way to cancel, how it ended. */
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Job } from '../../src/shared/engine-contract.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import { ErrorNote } from './error-note.tsx';
import { StateWord } from './state-word.tsx';
import { StepList } from './step-list.tsx';
import { toastError } from './toast-error.ts';
import { useCalls, useJobs } from '../stores/muster.tsx';
import { formatDuration } from '../text/format.ts';
import styles from './job-view.module.css';

export interface JobViewProps {
  job: string;
  /** Who or what it is about, for the sentences of an error. */
  name: string;
  unit?: 'bytes' | 'rows';
  /** Said while it runs. */
  hint: string;
  /** Follows when it went well. */
  renderDone: (job: Job) => ReactNode;
  /** Follows when it did not. */
  retry: ReactNode;
}

export function JobView({ job: id, name, unit = 'bytes', hint, renderDone, retry }: JobViewProps) {
  const call = useCalls();
  const job = useJobs((state) => state.jobs.get(id));
  const [seen, setSeen] = useState(false);
  if (job && !seen) setSeen(true);
  // An engine that was started anew knows nothing of the work of the one before.
  if (!job && seen)
    return (
      <section className={styles.part}>
        <ErrorNote
          error={errorToWire(new MusterError('JOB_UNKNOWN', `there is no job ${id}`, { job: id }))}
        />
        {retry}
      </section>
    );
  if (!job) return <p className={styles.quiet}>Waiting for the first step …</p>;
  return (
    <section className={styles.part} aria-live="polite">
      <header className={styles.head}>
        <h3>{job.title}</h3>
        {job.state === 'running' && (
          // Above the steps, which grow and shrink as they run: a button must not move away from the pointer.
          <Button variant="default" onClick={() => void call['jobs.cancel']({ job: id }).catch(toastError)}>
            Cancel
          </Button>
        )}
      </header>
      {job.state === 'running' && <p className={styles.quiet}>{hint}</p>}
      <StepList steps={job.steps} unit={unit} />
      {job.state === 'done' && (
        <>
          <StateWord
            tone="good"
            word={`Done in ${formatDuration((job.endedAt ?? job.startedAt) - job.startedAt)}`}
          />
          {renderDone(job)}
        </>
      )}
      {(job.state === 'failed' || job.state === 'cancelled') && (
        <>
          {job.state === 'failed' && job.error ? (
            <ErrorNote error={job.error} facts={{ name }} />
          ) : (
            <StateWord tone="unknown" word="Cancelled. What was done until then is safe to leave." />
          )}
          {retry}
        </>
      )}
    </section>
  );
}
