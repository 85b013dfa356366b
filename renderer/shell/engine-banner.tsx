/** Said while there is no engine: what is shown is what was known last. And what the engine met when it started. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { ErrorNote } from '../parts/error-note.tsx';
import { StateIcon } from '../parts/state-word.tsx';
import { useEngine, useMuster, useSite } from '../stores/muster.tsx';
import styles from './shell.module.css';

/** Failed attempts after which the person is told what they can do. */
const HOPELESS = 6;

export function EngineBanner() {
  const { shell } = useMuster();
  const phase = useEngine((state) => state.phase);
  const attempts = useEngine((state) => state.attempts);
  const error = useEngine((state) => state.error);
  if (phase === 'ready' && error)
    return (
      <div className={styles.banner}>
        <ErrorNote error={error} facts={{ name: 'The engine' }} />
      </div>
    );
  if (phase === 'ready') return <SetAsideBanner />;
  if (attempts === 0) return null;
  const advice = shell
    ? 'If this stays, close the window and start Muster again.'
    : 'If this stays, start Muster again in its terminal and open the link it prints.';
  return (
    <div className={styles.banner} role="status">
      <StateIcon tone="attention" />
      <span>
        {phase === 'lost'
          ? 'The engine stopped. Starting it again… What is shown is from before.'
          : 'The engine does not answer yet. Trying again…'}
        {attempts >= HOPELESS && ` ${advice}`}
      </span>
    </div>
  );
}

/** An archive that was damaged: nobody should find out by missing readings. */
function SetAsideBanner() {
  const { ui } = useMuster();
  const setAside = useSite((state) => state.info?.archiveSetAside ?? null);
  const [read, setRead] = useState<string | null>(null);
  if (setAside === null || setAside === read) return null;
  return (
    <div className={styles.banner} role="status">
      <StateIcon tone="attention" />
      <span>The archive was damaged and set aside. What the devices still hold comes again by itself.</span>
      <Button variant="default" size="compact-sm" onClick={() => ui.getState().go({ name: 'settings' })}>
        Where it is
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={() => setRead(setAside)}>
        Understood
      </Button>
    </div>
  );
}
