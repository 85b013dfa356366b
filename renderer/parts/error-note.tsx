/** An error in words with its next step; the engineer's details fold out and can be copied whole. */
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import type { ReactNode } from 'react';
import { errorText } from '../../src/shared/error-text.ts';
import type { ErrorDetails, WireError } from '../../src/shared/errors.ts';
import { CopyButton } from './copy-button.tsx';
import styles from './error-note.module.css';

/** An error as the contract carries it: the cause is not looked into here. */
export type ShownError = Omit<WireError, 'cause'> & { cause?: unknown };

function detailText(error: ShownError): string {
  const facts = Object.entries(error.details).map(([name, value]) => `${name}: ${String(value)}`);
  const cause = error.cause === undefined ? [] : [`cause: ${JSON.stringify(error.cause)}`];
  return [`${error.code}: ${error.message}`, ...facts, ...cause].join('\n');
}

/** A note may come up below what is seen, under the button that was pressed. */
function bringIntoView(note: HTMLElement | null): void {
  note?.scrollIntoView({ block: 'nearest' });
}

/** `facts` are added to the error's own details for the sentence: the device's name, when it was trusted. */
export function ErrorNote(props: { error: ShownError; facts?: ErrorDetails; children?: ReactNode }) {
  const { error, facts, children } = props;
  const { title, next } = errorText(error.code, { ...facts, ...error.details });
  const details = detailText(error);
  return (
    <section ref={bringIntoView} className={styles.note} role="alert">
      <IconAlertTriangleFilled size={20} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <h3>{title}</h3>
        <p>{next}</p>
        {children}
        <details className={styles.details}>
          <summary>Details</summary>
          <pre>{details}</pre>
          <CopyButton text={details} label="Copy details" />
        </details>
      </div>
    </section>
  );
}
