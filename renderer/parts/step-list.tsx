/** Steps in order: what is done, what runs and how fast, what is still to come. */
import { Progress } from '@mantine/core';
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import IconCircle from '@tabler/icons-react/dist/esm/icons/IconCircle.mjs';
import IconCircleCheckFilled from '@tabler/icons-react/dist/esm/icons/IconCircleCheckFilled.mjs';
import IconCircleMinus from '@tabler/icons-react/dist/esm/icons/IconCircleMinus.mjs';
import IconPlayerPlayFilled from '@tabler/icons-react/dist/esm/icons/IconPlayerPlayFilled.mjs';
import type { Step } from '../../src/shared/engine-contract.ts';
import { progressText } from '../text/progress.ts';
import styles from './step-list.module.css';

const STATES = {
  waiting: { Icon: IconCircle, word: 'to do' },
  running: { Icon: IconPlayerPlayFilled, word: 'running' },
  done: { Icon: IconCircleCheckFilled, word: 'done' },
  skipped: { Icon: IconCircleMinus, word: 'not needed' },
  failed: { Icon: IconAlertTriangleFilled, word: 'failed' },
} as const satisfies Record<Step['state'], unknown>;

/** `unit` of done and total: bytes of an upload, rows of an export. */
export function StepList({ steps, unit = 'bytes' }: { steps: Step[]; unit?: 'bytes' | 'rows' }) {
  return (
    <ol className={styles.list}>
      {steps.map((step) => (
        <StepRow key={step.id} step={step} unit={unit} />
      ))}
    </ol>
  );
}

function StepRow({ step, unit }: { step: Step; unit: 'bytes' | 'rows' }) {
  const { Icon, word } = STATES[step.state];
  const running = step.state === 'running';
  const share = step.total ? Math.min(100, ((step.done ?? 0) / step.total) * 100) : null;
  return (
    <li className={styles.step} data-state={step.state} aria-current={running ? 'step' : undefined}>
      <Icon size={16} className={styles.icon} aria-hidden />
      <div className={styles.text}>
        <span className={styles.title}>{step.title}</span>
        <span className={step.state === 'waiting' ? 'sr-only' : styles.word}>{word}</span>
        {step.detail && <p className={styles.detail}>{step.detail}</p>}
        {running && (
          <>
            <Progress
              value={share ?? 100}
              animated={share === null}
              size={4}
              radius={2}
              className={styles.bar ?? ''}
              aria-label={step.title}
            />
            {share !== null && <p className={styles.detail}>{progressText(step, unit)}</p>}
          </>
        )}
      </div>
    </li>
  );
}
