/** What runs on one device brought onto others: what it would change on each and what is wrong there, then one by one. */
import { Button, Checkbox } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { copyFor } from '../../../src/shared/configuration-copy.ts';
import type { ConfigurationProblem } from '../../../src/shared/device-configuration-calls.ts';
import type { DeviceRecord, Job } from '../../../src/shared/engine-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import type { JobsStore } from '../../stores/jobs-store.ts';
import { useCalls, useFleet, useMuster } from '../../stores/muster.tsx';
import type { Tone } from '../../text/device-state.ts';
import { formatCount } from '../../text/format.ts';
import styles from './configuration.module.css';
import { copyRun, type CopyRow, type CopyState } from './copy-run.ts';
import { changedLines, DiffView } from './diff-view.tsx';

interface Preview {
  present: string;
  base: string;
  text: string;
  problems: readonly ConfigurationProblem[];
  error: WireError | null;
}

const WORDS: Record<CopyState, { tone: Tone; word: string }> = {
  waiting: { tone: 'unknown', word: 'Waiting' },
  running: { tone: 'attention', word: 'Trying it' },
  done: { tone: 'good', word: 'Runs on it' },
  failed: { tone: 'bad', word: 'Not taken' },
  left: { tone: 'unknown', word: 'Left as it was' },
};

/** `text`: what runs on `device`. */
export function CopyPage({ device, text }: { device: DeviceRecord; text: string }) {
  const call = useCalls();
  const { jobs } = useMuster();
  const fleet = useFleet((state) => state.devices);
  const others = [...fleet.values()].filter(
    ({ id, installed, mine }) => id !== device.id && installed && mine,
  );
  const [previews, setPreviews] = useState<ReadonlyMap<string, Preview | null>>(new Map());
  const [rows, setRows] = useState<ReadonlyMap<string, CopyRow>>(new Map());
  const [stop, setStop] = useState<AbortController | null>(null);
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);

  const choose = async (id: string, on: boolean): Promise<void> => {
    const put = (preview: Preview | null | undefined) => {
      if (!open.current) return;
      setPreviews((before) => {
        const next = new Map(before);
        if (preview === undefined) next.delete(id);
        else next.set(id, preview);
        return next;
      });
    };
    put(on ? null : undefined);
    if (on) put(await previewOf(call, id, text));
  };
  const ready = others.flatMap(({ id }) => {
    const preview = previews.get(id);
    const fits = preview && preview.error === null && preview.problems.length === 0;
    return fits && preview.text !== preview.present ? [{ device: id, ...preview }] : [];
  });
  const start = async (): Promise<void> => {
    const control = new AbortController();
    setStop(control);
    const deeds = {
      apply: (order: { device: string; text: string; base: string }) =>
        call['config.apply']({ device: order.device, text: order.text, base: order.base }),
      ended: (job: string) => jobEnd(jobs, job),
      cancel: (job: string) => void call['jobs.cancel']({ job }).catch(() => {}),
    };
    const tell = (id: string, row: CopyRow) => setRows((before) => new Map(before).set(id, row));
    await copyRun(ready, deeds, tell, control.signal);
    setStop(null);
    setPreviews(new Map());
  };

  return (
    <section className={styles.group} aria-label="Copy to others">
      <h2>Copy to other devices</h2>
      <p className={styles.quiet}>
        What runs on {device.name} now, without changes that were not tried yet. Name and announcement stay
        those of each device. One is tried after another; the first that does not take it ends it.
      </p>
      {others.length === 0 && <p>There is no other device that this laptop installed or joined.</p>}
      <ul className={styles.rows}>
        {others.map((other) => (
          <Target
            key={other.id}
            device={other}
            preview={previews.get(other.id)}
            row={rows.get(other.id)}
            busy={stop !== null}
            choose={(on) => void choose(other.id, on)}
          />
        ))}
      </ul>
      <p className={styles.adds}>
        {stop ? (
          <Button variant="default" onClick={() => stop.abort()}>
            Cancel
          </Button>
        ) : (
          <Button disabled={ready.length === 0} onClick={() => void start()}>
            {ready.length === 0 ? 'Choose devices' : `Try it on ${formatCount(ready.length, 'device')}`}
          </Button>
        )}
      </p>
    </section>
  );
}

interface TargetProps {
  device: DeviceRecord;
  preview: Preview | null | undefined;
  row: CopyRow | undefined;
  busy: boolean;
  choose: (on: boolean) => void;
}

function Target({ device, preview, row, busy, choose }: TargetProps) {
  const linked = device.link.state === 'live' || device.link.state === 'catching-up';
  return (
    <li className={styles.item}>
      <div className={styles.head}>
        <Checkbox
          label={device.name}
          checked={preview !== undefined}
          disabled={busy || !linked}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        <span className={styles.quiet}>{linked ? previewText(preview) : 'not connected'}</span>
        {row && <StateWord {...WORDS[row.state]} />}
      </div>
      {row?.note && <p className={styles.quiet}>{row.note}</p>}
      {row?.error && <ErrorNote error={row.error} facts={{ name: device.name }} />}
      {preview?.error && <ErrorNote error={preview.error} facts={{ name: device.name }} />}
      {preview && preview.problems.length > 0 && (
        <ul>
          {preview.problems.map(({ line, path, message }) => (
            <li key={`${line} ${path} ${message}`} className={styles.problem}>
              {line !== null && `Line ${line}: `}
              {path} {message}
            </li>
          ))}
        </ul>
      )}
      {preview && preview.text !== preview.present && (
        <details>
          <summary>What changes on {device.name}</summary>
          <DiffView before={preview.present} after={preview.text} label={`Changes on ${device.name}`} />
        </details>
      )}
    </li>
  );
}

function previewText(preview: Preview | null | undefined): string {
  if (preview === undefined) return '';
  if (preview === null) return 'asking…';
  if (preview.problems.length > 0)
    return `${formatCount(preview.problems.length, 'problem')}, so it is left out`;
  if (preview.text === preview.present) return 'has it already';
  return `${formatCount(changedLines(preview.present, preview.text), 'line')} change`;
}

async function previewOf(call: ReturnType<typeof useCalls>, device: string, text: string): Promise<Preview> {
  try {
    const { text: present, hash: base } = await call['config.get']({ device });
    const own = copyFor(text, present);
    const { problems } = await call['config.check']({ device, text: own });
    return { present, base, text: own, problems, error: null };
  } catch (thrown) {
    return { present: '', base: '', text: '', problems: [], error: errorToWire(thrown) };
  }
}

function jobEnd(jobs: JobsStore, id: string): Promise<Job> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const job = jobs.getState().jobs.get(id);
      if (!job || job.state === 'running') return false;
      resolve(job);
      return true;
    };
    if (look()) return;
    const leave = jobs.subscribe(() => {
      if (look()) leave();
    });
  });
}
