/** What the device keeps, what a power cut would cost, who else gets it, and where its time comes from; this laptop's time for it. */
import { Button } from '@mantine/core';
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import { useCallback, useState } from 'react';
import { CLOCK_WORDS, verdictWords } from '../../../src/shared/clock-words.ts';
import type { DeviceStatus } from '../../../src/shared/device-contract.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Facts } from '../../parts/facts.tsx';
import { useCalls } from '../../stores/muster.tsx';
import { formatTime } from '../../text/format.ts';
import { journalFacts } from '../../text/journal-words.ts';
import styles from './recording-tab.module.css';
import { PublisherList } from './publisher-list.tsx';
import { usePolled, type Polled } from './use-polled.ts';

const CLOCK_MS = 5000;
/** The newest changes of time that are listed. */
const CHANGES = 5;

interface RecordingTabProps {
  device: DeviceRecord;
  status: Polled<DeviceStatus>;
  linked: boolean;
}

export function RecordingTab({ device, status, linked }: RecordingTabProps) {
  return (
    <div className={styles.tab}>
      <section aria-label="Journal">
        <h2>Journal</h2>
        <p className={styles.quiet}>
          The device keeps its readings on its card until there is no more room; what this laptop fetched
          stays in the site.
        </p>
        {status.error && <ErrorNote error={status.error} facts={{ device: device.name }} />}
        {status.value ? (
          <Journal journal={status.value.journal} />
        ) : (
          !status.error && <p className={styles.quiet}>{linked ? 'Asking the device…' : NOT_CONNECTED}</p>
        )}
      </section>
      <section aria-label="Sends to">
        <h2>Sends to</h2>
        {linked ? <PublisherList device={device} /> : <p className={styles.quiet}>{NOT_CONNECTED}</p>}
      </section>
      <section aria-label="Clock">
        <h2>Clock</h2>
        {linked ? <Clock device={device} /> : <p className={styles.quiet}>{NOT_CONNECTED}</p>}
      </section>
    </div>
  );
}

const NOT_CONNECTED = 'Not known while the device is not connected.';

function Journal({ journal }: { journal: DeviceStatus['journal'] }) {
  const { asides = [] } = journal;
  return (
    <>
      <Facts
        rows={journalFacts(journal).map(({ name, value, warns }) => [
          name,
          warns ? (
            <span key={name} className={styles.warns}>
              <IconAlertTriangleFilled size={16} aria-hidden /> {value}
            </span>
          ) : (
            value
          ),
        ])}
      />
      {asides.length > 0 && (
        <div className={styles.asides}>
          <p>
            {asides.length === 1 ? 'A broken journal was' : `${asides.length} broken journals were`} set aside
            on the device. Everything that proved whole was taken over; an expert may find more in{' '}
            {asides.length === 1 ? 'this file' : 'these files'}:
          </p>
          <ul>
            {asides.map((path) => (
              <li key={path}>
                <code>{path}</code>
              </li>
            ))}
          </ul>
          <CopyButton
            text={asides.join('\n')}
            label={asides.length === 1 ? 'Copy the path' : 'Copy the paths'}
          />
        </div>
      )}
    </>
  );
}

function Clock({ device }: { device: DeviceRecord }) {
  const call = useCalls();
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<{ words: string } | { error: WireError } | null>(null);
  const [asked, setAsked] = useState(0);
  // oxlint-disable-next-line react/exhaustive-deps -- an offered time is a reason to ask at once
  const ask = useCallback(() => call['device.clock']({ device: device.id }), [call, device.id, asked]);
  const { value, error } = usePolled(ask, CLOCK_MS, true);
  async function set(): Promise<void> {
    setBusy(true);
    setAnswer(null);
    try {
      const { verdict, movedMs } = await call['device.setClock']({ device: device.id });
      setAnswer({ words: verdictWords(verdict, movedMs) });
    } catch (thrown) {
      setAnswer({ error: errorToWire(thrown) });
    } finally {
      setBusy(false);
      setAsked((count) => count + 1);
    }
  }
  return (
    <>
      {error && <ErrorNote error={error} facts={{ device: device.name }} />}
      {value && (
        <Facts
          rows={[
            ['It believes', formatTime(value.believed.offsetMs + value.monotonicMs)],
            ['Its clock was', CLOCK_WORDS[value.believed.clock]],
            [
              'Changed',
              value.events.length === 0 ? 'never' : <Changes key="changes" events={value.events} />,
            ],
          ]}
        />
      )}
      <p className={styles.quiet}>
        Readings get right times, those it recorded before as well. The system’s own clock is left as it is.
      </p>
      <Button variant="default" loading={busy} onClick={() => void set()}>
        Set the clock from this laptop
      </Button>
      {answer && 'words' in answer && <p role="status">{answer.words}</p>}
      {answer && 'error' in answer && <ErrorNote error={answer.error} facts={{ device: device.name }} />}
    </>
  );
}

type ClockEvents = Awaited<ReturnType<ReturnType<typeof useCalls>['device.clock']>>['events'];

/** The newest changes, newest first. */
function Changes({ events }: { events: ClockEvents }) {
  return (
    <ul>
      {events
        .slice(-CHANGES)
        .toReversed()
        .map(({ run, before, after, monotonicMs, why }) => (
          <li key={`${run} ${monotonicMs}`}>
            from {formatTime(before.offsetMs + monotonicMs)} to {formatTime(after.offsetMs + monotonicMs)},{' '}
            {CHANGED_BY[why]}
          </li>
        ))}
    </ul>
  );
}

const CHANGED_BY = {
  'system-clock': 'the system’s clock was set',
  'time-service': 'by the time service',
  laptop: 'by a laptop',
} as const;
