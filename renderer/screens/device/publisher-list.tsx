/** Whom a device sends its readings, how far each is, and why when it is not. */
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import { useCallback } from 'react';
import type { PublisherState } from '../../../src/shared/device-publisher-calls.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { publisherWords } from '../../../src/shared/publisher-text.ts';
import { pageClock } from '../../page-clock.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useCalls } from '../../stores/muster.tsx';
import { formatTime } from '../../text/format.ts';
import styles from './recording-tab.module.css';
import { usePolled } from './use-polled.ts';

const ASK_MS = 5000;

/** Shows nothing of a daemon that is older than publishers. */
export function PublisherList({ device }: { device: DeviceRecord }) {
  const call = useCalls();
  const ask = useCallback(() => call['publishers.list']({ device: device.id }), [call, device.id]);
  const { value, error } = usePolled(ask, ASK_MS, true);
  if (error?.code === 'UNSUPPORTED')
    return <p className={styles.quiet}>The daemon on this device is older than sending on.</p>;
  return (
    <>
      {error && <ErrorNote error={error} facts={{ device: device.name }} />}
      {!value && !error && <p className={styles.quiet}>Asking the device…</p>}
      {value?.publishers.length === 0 && (
        <p className={styles.quiet}>
          Nobody else gets its readings. An MQTT broker, a web server or a Prometheus can: name it under
          “publishers” in the tab Configuration.
        </p>
      )}
      {value && value.publishers.length > 0 && (
        <Facts rows={value.publishers.map((row) => [row.target, <Words key={row.publisher} of={row} />])} />
      )}
    </>
  );
}

function Words({ of }: { of: PublisherState }) {
  const { state, why, warns } = publisherWords(of, pageClock.wall(), formatTime);
  const today = of.kind === 'prometheus' || of.today === 0 ? '' : `, ${of.today.toLocaleString('en')} today`;
  const text = `${state}${today}${why === null ? '' : ` · ${why}`}`;
  if (!warns) return text;
  return (
    <span className={styles.warns}>
      <IconAlertTriangleFilled size={16} aria-hidden /> {text}
    </span>
  );
}
