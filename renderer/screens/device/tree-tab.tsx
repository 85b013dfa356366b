/** The supervision tree: what failed, what happens next. One row a child, indented. */
import { useCallback } from 'react';
import type { TreeRow } from '../../../src/shared/device-contract.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { useCalls } from '../../stores/muster.tsx';
import type { Tone } from '../../text/device-state.ts';
import { formatDuration } from '../../text/format.ts';
import styles from './device-page.module.css';
import { usePolled } from './use-polled.ts';
import { VirtualRows } from './virtual-rows.tsx';

const POLL_MS = 2000;
const MOST_DOTS = 8;

const STATES: Record<TreeRow['state'], { tone: Tone; word: string }> = {
  starting: { tone: 'unknown', word: 'Starting' },
  running: { tone: 'good', word: 'Running' },
  restarting: { tone: 'attention', word: 'Restarting' },
  stopping: { tone: 'unknown', word: 'Stopping' },
  stopped: { tone: 'unknown', word: 'Stopped' },
  'gave-up': { tone: 'bad', word: 'Gave up' },
};

/** `linked`: the device can be asked now. */
export function TreeTab({ device, linked }: { device: string; linked: boolean }) {
  const call = useCalls();
  const ask = useCallback(() => call['device.tree']({ device }), [call, device]);
  const { value, error } = usePolled(ask, POLL_MS, linked);
  if (!linked && !value)
    return (
      <p className={styles.wait}>The tree is told by the device itself: it comes with the connection.</p>
    );
  return (
    <div className={styles.panel}>
      {error && <ErrorNote error={error} />}
      <VirtualRows
        label="Supervision tree"
        head={['Child', 'State', 'Restarts', 'Next attempt', 'Last cause']}
        columns="minmax(180px, 2fr) 120px 120px 104px minmax(160px, 3fr)"
        rows={value?.rows ?? []}
        keyOf={(row) => row.path}
        cells={cells}
      />
    </div>
  );
}

function cells(row: TreeRow) {
  const parts = row.path.split('/');
  const { tone, word } = STATES[row.state];
  return [
    <span key="path" title={row.path} style={{ paddingLeft: (parts.length - 1) * 20 }} data-kind={row.kind}>
      {row.kind === 'supervisor' ? <strong>{parts.at(-1)}</strong> : parts.at(-1)}
    </span>,
    <StateWord key="state" tone={tone} word={word} />,
    <span key="restarts" title={`${row.restarts} in this run, ${row.restartsInWindow} in the window now`}>
      {row.restarts}{' '}
      <span className={styles.dots}>{'●'.repeat(Math.min(MOST_DOTS, row.restartsInWindow))}</span>
    </span>,
    row.nextAttemptMs === null ? '–' : `in ${formatDuration(row.nextAttemptMs)}`,
    row.lastCause === null ? (
      '–'
    ) : (
      <span key="cause" className={styles.cause} title={row.lastCause}>
        {row.lastCause}
      </span>
    ),
  ];
}
