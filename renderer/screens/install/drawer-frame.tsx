/** The context drawer's frame: a title and a way out. It lies beside the work, never over it. */
import { ActionIcon, Tooltip } from '@mantine/core';
import IconX from '@tabler/icons-react/dist/esm/icons/IconX.mjs';
import { useEffect, useRef, type ReactNode } from 'react';
import { useMuster } from '../../stores/muster.tsx';
import styles from './install.module.css';

/** `step` names what is shown: when it changes and the pressed button is gone, the keyboard stays in the drawer. */
export function DrawerFrame({ title, step, children }: { title: string; step: string; children: ReactNode }) {
  const { ui } = useMuster();
  const box = useRef<HTMLElement>(null);
  // The keyboard follows to where the next step is, and goes back when the drawer closes.
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    if (step !== '' && (document.activeElement === document.body || document.activeElement === null))
      box.current?.focus();
  }, [step]);
  return (
    <section ref={box} className={styles.drawer} tabIndex={-1} aria-label={title}>
      <header className={styles.head}>
        <h2>{title}</h2>
        <Tooltip label="Close (Esc)">
          <ActionIcon variant="subtle" aria-label="Close" onClick={() => ui.getState().closeDrawer()}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      {children}
    </section>
  );
}
