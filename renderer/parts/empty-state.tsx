/** A place with nothing in it yet: what that means and what to do. */
import type { ReactNode } from 'react';
import styles from './empty-state.module.css';

export function EmptyState(props: { icon: ReactNode; title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <section className={styles.empty}>
      <div className={styles.icon}>{props.icon}</div>
      <h1>{props.title}</h1>
      <p className={styles.text}>{props.text}</p>
      {props.children}
    </section>
  );
}
