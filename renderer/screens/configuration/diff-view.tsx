/** What changes, line by line: told by a mark as well as by a colour. */
import { diffLines } from '../../../src/shared/line-diff.ts';
import styles from './configuration.module.css';

/** Unchanged lines around a change. */
const CONTEXT = 3;
const MARKS = { same: ' ', gone: '−', new: '+' } as const;
const WORDS = { same: '', gone: 'goes', new: 'comes' } as const;

export function DiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = diffLines(before, after);
  const near = new Set<number>();
  for (const [i, { kind }] of lines.entries())
    if (kind !== 'same') for (let at = i - CONTEXT; at <= i + CONTEXT; at++) near.add(at);
  if (near.size === 0) return <p className={styles.quiet}>Nothing changes.</p>;
  const shown = [...near].filter((i) => i >= 0 && i < lines.length).toSorted((a, b) => a - b);
  return (
    <div className={styles.diff} role="region" aria-label={label} tabIndex={0}>
      {shown.map((i, at) => {
        const { kind, text } = lines[i] ?? { kind: 'same', text: '' };
        return (
          <div key={i}>
            {at > 0 && shown[at - 1] !== i - 1 && <div className={styles.skipped}>…</div>}
            <div data-kind={kind}>
              <span aria-hidden>{MARKS[kind]} </span>
              {kind !== 'same' && <span className="sr-only">{WORDS[kind]}: </span>}
              {text}
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** How many lines go or come. */
export function changedLines(before: string, after: string): number {
  return diffLines(before, after).filter(({ kind }) => kind !== 'same').length;
}
