/**
 * The supervision tree: what failed, what happens next. One row a child, indented, told anew every second while it is
 * looked at. Actions ask first, above the table, where nothing moves under the pointer.
 */
import { ActionIcon, Menu } from '@mantine/core';
import { useDocumentVisibility } from '@mantine/hooks';
import IconDots from '@tabler/icons-react/dist/esm/icons/IconDots.mjs';
import { useCallback, useState } from 'react';
import type { TreeRow } from '../../../src/shared/device-contract.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { useCalls } from '../../stores/muster.tsx';
import type { Tone } from '../../text/device-state.ts';
import { formatDuration } from '../../text/format.ts';
import styles from './device-page.module.css';
import {
  causeSentence,
  countBelow,
  DEED_WORDS,
  deedsOf,
  nameOf,
  questionOf,
  type Deed,
} from './tree-deeds.ts';
import { TreeQuestion } from './tree-question.tsx';
import { usePolled } from './use-polled.ts';

const POLL_MS = 1000;
const MOST_DOTS = 8;

const STATES: Record<TreeRow['state'], { tone: Tone; word: string }> = {
  starting: { tone: 'unknown', word: 'Starting' },
  running: { tone: 'good', word: 'Running' },
  restarting: { tone: 'attention', word: 'Restarting' },
  stopping: { tone: 'unknown', word: 'Stopping' },
  stopped: { tone: 'unknown', word: 'Stopped' },
  'gave-up': { tone: 'bad', word: 'Gave up' },
};
const TAKEN_OUT = { tone: 'unknown', word: 'Taken out' } as const;

type Choose = (deed: Deed, row: TreeRow) => void;

/** `linked`: the device can be asked now. */
export function TreeTab({ device: { id: device, name }, linked }: { device: DeviceRecord; linked: boolean }) {
  const call = useCalls();
  const visible = useDocumentVisibility() === 'visible';
  const [deeds, setDeeds] = useState(0);
  const [asked, setAsked] = useState<{ deed: Deed; row: TreeRow } | null>(null);
  // oxlint-disable-next-line react/exhaustive-deps -- a deed done is a reason to ask at once
  const ask = useCallback(() => call['device.tree']({ device }), [call, device, deeds]);
  const { value, error } = usePolled(ask, POLL_MS, linked && visible);
  if (!linked && !value)
    return (
      <p className={styles.wait}>The tree is told by the device itself: it comes with the connection.</p>
    );
  const rows = value?.rows ?? [];
  const act = async (deed: Deed, row: TreeRow): Promise<void> => {
    const sensor = row.sensor ?? '';
    if (deed === 'restart') await call['device.restartBranch']({ device, path: row.path });
    else if (deed === 'take-out') await call['device.takeOut']({ device, sensor });
    else await call['device.putBack']({ device, sensor });
    setDeeds((count) => count + 1);
  };
  return (
    <div className={styles.panel}>
      {error && <ErrorNote error={error} />}
      {asked && (
        <TreeQuestion
          key={`${asked.deed} ${asked.row.path}`}
          question={questionOf(asked.deed, asked.row, countBelow(rows, asked.row))}
          name={name}
          act={() => act(asked.deed, asked.row)}
          close={() => setAsked(null)}
        />
      )}
      <VirtualRows
        label="Supervision tree"
        head={['Child', 'State', 'Restarts', 'Next attempt', 'Last cause', 'Actions']}
        columns="minmax(120px, 2fr) 104px 104px 88px minmax(120px, 3fr) 56px"
        rows={rows}
        keyOf={(row) => row.path}
        cells={(row) => cells(row, linked, (deed, at) => setAsked({ deed, row: at }))}
      />
    </div>
  );
}

function cells(row: TreeRow, linked: boolean, choose: Choose) {
  const { tone, word } = row.takenOut ? TAKEN_OUT : STATES[row.state];
  const { restarts, restartsInWindow: lately } = row;
  return [
    <span
      key="path"
      title={row.path}
      style={{ paddingLeft: (row.path.split('/').length - 1) * 20 }}
      data-kind={row.kind}
    >
      {row.kind === 'supervisor' ? <strong>{nameOf(row)}</strong> : nameOf(row)}
    </span>,
    <StateWord key="state" tone={tone} word={word} />,
    <span key="restarts" title={`${restarts} in this run, ${lately} of them lately`}>
      {restarts}{' '}
      <span className={styles.dots} role="img" aria-label={`${lately} lately`}>
        {'●'.repeat(Math.min(MOST_DOTS, lately))}
        {lately > MOST_DOTS && '…'}
      </span>
    </span>,
    row.nextAttemptMs === null ? '–' : `in ${formatDuration(row.nextAttemptMs)}`,
    row.lastCause === null ? (
      '–'
    ) : (
      <span key="cause" className={row.state === 'stopped' ? undefined : styles.cause} title={row.lastCause}>
        {causeSentence(row.lastCause)}
      </span>
    ),
    <Actions key="actions" row={row} linked={linked} choose={choose} />,
  ];
}

function Actions({ row, linked, choose }: { row: TreeRow; linked: boolean; choose: Choose }) {
  const deeds = deedsOf(row);
  if (deeds.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          disabled={!linked}
          aria-label={`Actions for ${nameOf(row)}`}
          title={`Actions for ${nameOf(row)}`}
        >
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {deeds.map((deed) => (
          <Menu.Item key={deed} onClick={() => choose(deed, row)}>
            {DEED_WORDS[deed]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
