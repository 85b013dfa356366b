/** Asks before something is done to the running tree, does it, and says what stood in the way. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import styles from './device-page.module.css';
import type { Question } from './tree-deeds.ts';

interface TreeQuestionProps {
  question: Question;
  /** Name of the device, for the words of an error. */
  name: string;
  act: () => Promise<unknown>;
  /** Called when it is done or not wanted. */
  close: () => void;
}

export function TreeQuestion({ question, name, act, close }: TreeQuestionProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  async function go(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await act();
      close();
    } catch (thrown) {
      setError(errorToWire(thrown));
      setBusy(false);
    }
  }
  return (
    <form
      className={styles.question}
      aria-label={question.title}
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // taken here: the page must not step back too
        event.preventDefault();
        close();
      }}
    >
      <p>
        <strong>{question.title}</strong> {question.text}
      </p>
      {error && <ErrorNote error={error} facts={{ name }} />}
      <div className={styles.answers}>
        <Button type="submit" loading={busy} data-autofocus autoFocus>
          {question.button}
        </Button>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
