/** Somebody changed the configuration on the device while a person changed it here: both are shown, neither is lost. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { mergeLines } from '../../../src/shared/line-merge.ts';
import { formatCount } from '../../text/format.ts';
import styles from './configuration.module.css';
import { DiffView } from './diff-view.tsx';
import type { Configuration } from './use-configuration.ts';

export function Conflict({ configuration, name }: { configuration: Configuration; name: string }) {
  const { draft, state, discard, rebase } = configuration;
  const [clashes, setClashes] = useState<string[][] | null>(null);
  if (!draft) return null;
  if (draft.base.hash === state.hash)
    return clashes && clashes.length > 0 ? (
      <p className={styles.notice} role="status">
        You both changed {formatCount(clashes.length, 'place')}: yours stands there. Theirs was:{' '}
        <code>{clashes.flat().join(' / ')}</code>
      </p>
    ) : null;
  const newest = state.history.findLast(({ hash }) => hash === state.hash);
  const carry = () => {
    const { text, lost } = mergeLines(draft.base.text, draft.text, state.text);
    setClashes(lost);
    rebase(text, { text: state.text, hash: state.hash });
  };
  return (
    <section className={styles.notice} aria-label="Changed on the device" role="alert">
      <h3>
        The configuration of {name} was changed{newest?.by ? ` by ${newest.by}` : ''} while you were changing
        it.
      </h3>
      <DiffView before={draft.base.text} after={state.text} label="Their changes" />
      <p className={styles.adds}>
        <Button onClick={carry}>Carry my changes over</Button>
        <Button variant="default" onClick={discard}>
          Take theirs and drop mine
        </Button>
      </p>
    </section>
  );
}
