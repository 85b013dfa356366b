/** The versions that a device keeps: who brought them, how it ended; one is looked at, compared and gone back to. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ConfigurationVersion } from '../../../src/shared/device-configuration-calls.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { useCalls, useJobs } from '../../stores/muster.tsx';
import styles from './configuration.module.css';
import { DiffView } from './diff-view.tsx';
import { TrialJob } from './review.tsx';
import type { Configuration } from './use-configuration.ts';

/** So much of a hash names a version to a person. */
const SHORT = 10;

interface HistoryProps {
  device: DeviceRecord;
  configuration: Configuration;
  linked: boolean;
}

export function History({ device, configuration, linked }: HistoryProps) {
  const call = useCalls();
  const { state } = configuration;
  const [looked, setLooked] = useState<{ hash: string; text: string } | null>(null);
  const [started, setStarted] = useState<string | null>(null);
  const job = useJobs((all) => (started === null ? undefined : all.jobs.get(started)));
  const fail = (thrown: unknown) => toastError(thrown, { name: device.name });
  const look = (hash: string) =>
    void call['config.text']({ device: device.id, hash })
      .then(({ text }) => setLooked({ hash, text }))
      .catch(fail);
  const goBack = (hash: string) =>
    void call['config.revert']({ device: device.id, to: hash })
      .then((begun) => {
        setStarted(begun.job);
        setLooked(null);
      })
      .catch(fail);
  if (job)
    return (
      <TrialJob
        job={job}
        device={device}
        again={
          <Button variant="default" onClick={() => setStarted(null)}>
            Back to the history
          </Button>
        }
      />
    );
  return (
    <section className={styles.group} aria-label="History">
      <h2>History</h2>
      {state.history.length === 0 && <p className={styles.quiet}>{device.name} keeps no versions yet.</p>}
      {state.history.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              {['When', 'By', 'What', 'Version', ''].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {state.history.toReversed().map((version) => (
              <tr key={`${version.at} ${version.outcome} ${version.hash}`}>
                <td>
                  <RelativeTime at={version.at} />
                </td>
                <td>{version.by ?? 'on the device'}</td>
                <td>{outcomeText(version)}</td>
                <td>
                  <code>{version.hash.slice(0, SHORT)}</code>
                  {version.hash === state.hash && ' (now)'}
                </td>
                <td>
                  <Button
                    variant="default"
                    size="compact-sm"
                    disabled={!linked}
                    aria-label={`Look at ${version.hash.slice(0, SHORT)}`}
                    onClick={() => look(version.hash)}
                  >
                    Look at it
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {looked && (
        <section className={styles.group} aria-label={`Version ${looked.hash.slice(0, SHORT)}`}>
          <h3>Going back to {looked.hash.slice(0, SHORT)} would change this</h3>
          <DiffView before={state.text} after={looked.text} label="What going back changes" />
          <details>
            <summary>The whole document</summary>
            <pre className={styles.document}>{looked.text}</pre>
          </details>
          <p className={styles.adds}>
            <Button
              disabled={!linked || looked.hash === state.hash || state.trial !== null}
              onClick={() => goBack(looked.hash)}
            >
              Go back to this version
            </Button>
            <Button variant="default" onClick={() => setLooked(null)}>
              Close
            </Button>
          </p>
        </section>
      )}
    </section>
  );
}

function outcomeText({ outcome, why }: ConfigurationVersion): string {
  if (outcome === 'taken-back') return `taken back${why === null ? '' : `, because ${why}`}`;
  return outcome === 'applied' ? 'applied' : 'found on the device';
}
