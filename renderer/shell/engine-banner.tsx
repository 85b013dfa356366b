/** Said while there is no engine: what is shown is what was known last. */
import { ErrorNote } from '../parts/error-note.tsx';
import { StateIcon } from '../parts/state-word.tsx';
import { useEngine, useMuster } from '../stores/muster.tsx';
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
  if (phase === 'ready' || attempts === 0) return null;
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
