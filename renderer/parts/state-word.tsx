/** A state: icon, colour and word together, since one man in twelve does not see red and green apart. */
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import IconCircleCheckFilled from '@tabler/icons-react/dist/esm/icons/IconCircleCheckFilled.mjs';
import IconCircleDashed from '@tabler/icons-react/dist/esm/icons/IconCircleDashed.mjs';
import IconCircleXFilled from '@tabler/icons-react/dist/esm/icons/IconCircleXFilled.mjs';
import type { Tone } from '../text/device-state.ts';
import styles from './state-word.module.css';

const ICONS = {
  good: IconCircleCheckFilled,
  attention: IconAlertTriangleFilled,
  bad: IconCircleXFilled,
  unknown: IconCircleDashed,
} as const satisfies Record<Tone, unknown>;

/** The icon alone, for a row whose word stands elsewhere in it. */
export function StateIcon({ tone, size = 16 }: { tone: Tone; size?: 16 | 20 }) {
  const Icon = ICONS[tone];
  return <Icon size={size} className={styles.icon} data-tone={tone} aria-hidden />;
}

/** `title` is the sentence behind the word. */
export function StateWord({ tone, word, title }: { tone: Tone; word: string; title?: string }) {
  return (
    <span className={styles.state} data-tone={tone} title={title}>
      <StateIcon tone={tone} />
      {word}
    </span>
  );
}
