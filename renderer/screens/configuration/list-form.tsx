/** Rows that open into a form: added, removed, put in another order. A closed row costs a line, however long the list. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import IconArrowDown from '@tabler/icons-react/dist/esm/icons/IconArrowDown.mjs';
import IconArrowUp from '@tabler/icons-react/dist/esm/icons/IconArrowUp.mjs';
import { useState, type ReactNode } from 'react';
import type { Path } from '../../../src/shared/yaml-edit.ts';
import { StateWord } from '../../parts/state-word.tsx';
import { formatCount } from '../../text/format.ts';
import styles from './configuration.module.css';
import { freshValue, problemAt, problemCount, useForm } from './form-context.ts';
import type { Field } from './form-field.ts';
import { withOwnId } from './new-value.ts';
import { shownValue } from './shown-value.ts';

/** So many rows at first, and so many more at a time. */
const PAGE = 50;

/** A way to begin a row. */
export interface Beginning {
  label: string;
  value: () => unknown;
}

export interface ListFormProps {
  item: Field;
  path: Path;
  value: unknown;
  /** Instead of the one that the schema knows. */
  beginnings?: readonly Beginning[];
  /** The form of one row. */
  renderValue: (path: Path, row: unknown) => ReactNode;
}

export function ListForm({ item, path, value, beginnings, renderValue }: ListFormProps) {
  const form = useForm();
  const rows: unknown[] = Array.isArray(value) ? value : [];
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [find, setFind] = useState('');
  const [most, setMost] = useState(PAGE);
  const stem = singular(item.title);
  const toggle = (i: number) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(i)) next.add(i);
      return next;
    });
  const add = (made: unknown) => {
    const fresh = withOwnId(made, rows, stem.replaceAll(/\s+/g, '-'));
    form.edit({ kind: 'insert', path: [...path, rows.length], value: fresh });
    setOpen((before) => new Set(before).add(rows.length));
  };
  const move = (from: number, to: number) => {
    form.edit({ kind: 'move', path, from, to });
    setOpen((before) => new Set([...before].map((i) => (i === from ? to : i === to ? from : i))));
  };
  const remove = (i: number) => {
    form.edit({ kind: 'delete', path: [...path, i] });
    setOpen((before) => new Set([...before].flatMap((at) => (at === i ? [] : [at > i ? at - 1 : at]))));
  };
  const found = [...rows.entries()].filter(
    ([i, row]) => open.has(i) || `${nameOf(row)} ${detailOf(row)}`.toLowerCase().includes(find.toLowerCase()),
  );
  // what was added or opened is there wherever it stands
  const shown = found.filter(([i], at) => at < most || open.has(i));
  const problem = problemAt(form, path);
  const ways = beginnings ?? [
    { label: `Add ${article(stem)}`, value: () => freshValue(form, item, [...path, rows.length]) },
  ];
  return (
    <div className={styles.group}>
      {problem !== null && <p className={styles.problem}>{problem}</p>}
      {rows.length > PAGE && (
        <TextInput
          className={styles.field}
          label={`Find a ${stem}`}
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
        />
      )}
      <ul className={styles.rows}>
        {shown.map(([i, row]) => {
          const at = [...path, i];
          const name = nameOf(row) ?? `${stem} ${i + 1}`;
          const wrong = problemCount(form, at);
          const isOpen = open.has(i) || typeof row !== 'object';
          return (
            <li key={at.join('.')} className={styles.item}>
              <div className={styles.head}>
                {typeof row === 'object' ? (
                  <button
                    type="button"
                    className={styles.opener}
                    aria-expanded={isOpen}
                    onClick={() => toggle(i)}
                  >
                    <strong>{name}</strong> <span className={styles.quiet}>{detailOf(row)}</span>
                  </button>
                ) : (
                  renderValue(at, row)
                )}
                {wrong > 0 && <StateWord tone="bad" word={formatCount(wrong, 'problem')} />}
                <ActionIcon
                  variant="subtle"
                  aria-label={`Move ${name} up`}
                  disabled={i === 0}
                  onClick={() => move(i, i - 1)}
                >
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  aria-label={`Move ${name} down`}
                  disabled={i === rows.length - 1}
                  onClick={() => move(i, i + 1)}
                >
                  <IconArrowDown size={16} />
                </ActionIcon>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={`Remove ${name}`}
                  onClick={() => remove(i)}
                >
                  Remove
                </Button>
              </div>
              {isOpen && typeof row === 'object' && <div className={styles.body}>{renderValue(at, row)}</div>}
            </li>
          );
        })}
      </ul>
      {found.length > shown.length && (
        <p className={styles.adds}>
          <Button variant="subtle" size="compact-sm" onClick={() => setMost(most + PAGE)}>
            Show {PAGE} more
          </Button>
          <span className={styles.quiet}>
            {shown.length} of {formatCount(found.length, stem)} are shown
          </span>
        </p>
      )}
      <p className={styles.adds}>
        {ways.map(({ label, value: make }) => (
          <Button key={label} variant="default" size="compact-sm" onClick={() => add(make())}>
            {label}
          </Button>
        ))}
      </p>
    </div>
  );
}

const NAMED_BY = ['name', 'id', 'channel', 'chip', 'output'];
const TOLD = ['id', 'kind', 'driver', 'bus', 'device', 'address', 'alarm', 'never'];

function nameOf(row: unknown): string | null {
  const own = (row ?? {}) as Record<string, unknown>;
  const found = NAMED_BY.map((key) => own[key]).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : null;
}

function detailOf(row: unknown): string {
  const own = (row ?? {}) as Record<string, unknown>;
  const name = nameOf(row);
  return TOLD.flatMap((key) => {
    const value = own[key];
    return value === undefined || value === name || (typeof value === 'object' && !Array.isArray(value))
      ? []
      : [Array.isArray(value) ? value.join(', ') : shownValue(value)];
  }).join(' · ');
}

function singular(title: string): string {
  const lower = title.toLowerCase();
  return lower.endsWith('ses') ? lower.slice(0, -2) : lower.replace(/s$/, '');
}

function article(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
