/** What the file will hold, where it goes, and how the writing goes. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { JobView } from '../../parts/job-view.tsx';
import { PathField } from '../../parts/path-field.tsx';
import { toastError } from '../../parts/toast-error.ts';
import type { Choice, Preview } from '../../parts/use-preview.ts';
import { useMuster } from '../../stores/muster.tsx';
import { formatBytes, formatCount, formatTime } from '../../text/format.ts';
import styles from './export-page.module.css';

export interface SaveFormProps {
  choice: Choice<'export.preview'> | null;
  /** Why there is nothing to save, in a sentence. */
  refusal: string | null;
  preview: Preview<'export.preview'> | null;
  error: WireError | null;
  pending: boolean;
}

export function SaveForm({ choice, refusal, preview, error, pending }: SaveFormProps) {
  const { engine } = useMuster();
  const [typed, setTyped] = useState<string | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [failure, setFailure] = useState<WireError | null>(null);
  const path = typed ?? preview?.suggestedPath ?? '';
  const ready = choice !== null && preview !== null && preview.rows > 0 && path.trim() !== '' && !pending;

  async function save(): Promise<void> {
    if (!choice) return;
    setFailure(null);
    try {
      setJob((await engine.call['export.start']({ ...choice, out: path.trim() })).job);
    } catch (thrown) {
      setFailure(errorToWire(thrown));
    }
  }

  if (job)
    return (
      <JobView
        job={job}
        name={path}
        unit="rows"
        hint="The file appears whole, or not at all."
        renderDone={({ result }) => (
          <Saved path={String(result?.['path'] ?? path)} onAgain={() => setJob(null)} />
        )}
        retry={
          <Button variant="default" onClick={() => setJob(null)}>
            Back
          </Button>
        }
      />
    );
  return (
    <form
      className={styles.save}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void save();
      }}
    >
      <section aria-busy={pending}>
        <h2>The file</h2>
        {refusal && <p className={styles.quiet}>{refusal}</p>}
        {!refusal && error && <ErrorNote error={error} />}
        {!refusal && preview && <Foretold preview={preview} />}
      </section>
      <PathField
        label="Save as"
        value={path}
        onChange={setTyped}
        choose={(shell) => shell.saveDialog(path)}
      />
      {failure && <ErrorNote error={failure} facts={{ path }} />}
      <Button type="submit" disabled={!ready}>
        {preview && preview.rows > 0 && !refusal
          ? `Save CSV (${formatCount(preview.rows, 'row')}, ${formatBytes(preview.bytes)})`
          : 'Save CSV'}
      </Button>
    </form>
  );
}

function Foretold({ preview }: { preview: Preview<'export.preview'> }) {
  if (preview.rows === 0)
    return (
      <p className={styles.quiet}>
        There are no readings in what you chose. Choose a longer time or more channels.
      </p>
    );
  return (
    <>
      <p>
        <strong>{formatCount(preview.rows, 'row')}</strong>, about {formatBytes(preview.bytes)}
        {preview.from !== null && preview.to !== null && (
          <span className={styles.quiet}>
            , from {formatTime(preview.from)} to {formatTime(preview.to)}
          </span>
        )}
      </p>
      <pre className={styles.lines} aria-label="First lines" tabIndex={0}>
        {preview.lines.join('\n')}
      </pre>
    </>
  );
}

function Saved({ path, onAgain }: { path: string; onAgain: () => void }) {
  const { shell } = useMuster();
  return (
    <>
      <code className={styles.saved}>{path}</code>
      <div className={styles.actions}>
        {shell && (
          <Button onClick={() => void shell.showInFolder(path).catch(toastError)}>Show in folder</Button>
        )}
        <CopyButton text={path} label="Copy path" />
        <Button variant="default" onClick={onAgain}>
          Export something else
        </Button>
      </div>
    </>
  );
}
