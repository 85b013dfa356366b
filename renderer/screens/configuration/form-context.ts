/** What the fields of a form share: the document as plain data, how it is changed, what the device says of it. */
import { createContext, useContext } from 'react';
import type { ConfigurationProblem } from '../../../src/shared/device-configuration-calls.ts';
import { valueAt, type Path, type YamlEdit } from '../../../src/shared/yaml-edit.ts';
import type { Field } from './form-field.ts';
import { newValue, type Known } from './new-value.ts';

export interface Form {
  /** The document, plain. */
  root: unknown;
  edit: (edit: YamlEdit) => void;
  problems: readonly ConfigurationProblem[];
  /** Names that a value at `path` may take: those of buses, sensors, outputs, channels, drivers. */
  candidates: (refers: string, path: Path) => readonly string[];
  person: string;
  day: string;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = useContext(FormContext);
  if (!form) throw new Error('there is no form around this field');
  return form;
}

/** What the device says of exactly this place; for a group also of what is in it and has no field. */
export function problemAt({ problems }: Form, path: Path): string | null {
  const name = path.join('.');
  const own = problems.filter((problem) => problem.path === name);
  return own.length > 0 ? own.map(({ message }) => message).join('; ') : null;
}

/** How many problems there are at `path` and below. */
export function problemCount({ problems }: Form, path: Path): number {
  const name = path.join('.');
  return problems.filter((problem) => problem.path === name || problem.path.startsWith(`${name}.`)).length;
}

/** What a new value at `path` begins with. */
export function freshValue({ person, day, candidates }: Form, field: Field, path: Path): unknown {
  const known: Known = { person, day, candidates: (refers) => candidates(refers, path) };
  return newValue(field, known);
}

/** Rows of a list at the top of the document: the sensors, the buses. */
export function rowsOf(root: unknown, key: string): Record<string, unknown>[] {
  const rows = valueAt(root, [key]);
  return Array.isArray(rows)
    ? rows.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
    : [];
}
