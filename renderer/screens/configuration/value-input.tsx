/** One value of a form: a word, a number with its unit, yes or no, one of a few. Emptied, it is left to its default. */
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { spanText } from '../../../src/shared/rule-text.ts';
import { readYaml, type Path } from '../../../src/shared/yaml-edit.ts';
import { formatBytes } from '../../text/format.ts';
import styles from './configuration.module.css';
import { problemAt, useForm } from './form-context.ts';
import type { Field, Option } from './form-field.ts';
import { shownValue } from './shown-value.ts';

export interface ValueInputProps {
  field: Field;
  path: Path;
  value: unknown;
  required: boolean;
}

/** What is meant stands below, so that fields of a row stand level. */
export const BELOW = {
  inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
    | 'label'
    | 'input'
    | 'description'
    | 'error'
  )[],
};

/** For shapes of one value; what a group, a list or a union is, GroupForm and ListForm ask for. */
export function ValueInput({ field, path, value, required }: ValueInputProps) {
  const form = useForm();
  const { shape, preset, help } = field;
  const put = (next: unknown) =>
    form.edit(
      next === undefined && !required ? { kind: 'delete', path } : { kind: 'set', path, value: next ?? '' },
    );
  const plain = {
    label: field.title,
    description: help,
    error: problemAt(form, path),
    className: styles.field,
  };
  const common = { ...plain, ...BELOW };
  switch (shape.kind) {
    case 'flag':
      return (
        <Checkbox
          {...plain}
          checked={value === undefined ? preset === true : value === true}
          onChange={(event) => put(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <NativeSelect
          {...common}
          value={shownValue(value)}
          data={choices(shape.options, preset, required && value !== undefined)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            put(shape.options.find((option) => String(option) === text));
          }}
        />
      );
    case 'choices':
      return <Choices field={field} path={path} value={value} options={shape.options} />;
    case 'number':
      return <NumberField {...common} unit={shape.unit} preset={preset} value={value} put={put} />;
    case 'text':
      return <TextField {...common} field={field} path={path} value={value} put={put} />;
    default:
      return <YamlField {...common} value={value} put={put} />;
  }
}

interface Common {
  label: string;
  description: string | null;
  error: string | null;
  className: string | undefined;
  put: (value: unknown) => void;
}

function choices(options: readonly Option[], preset: unknown, isGiven: boolean) {
  const rows = options.map((option) => ({ value: String(option), label: String(option) }));
  if (isGiven) return rows;
  return [
    { value: '', label: preset === undefined ? 'not given' : `${shownValue(preset)} (unless told)` },
    ...rows,
  ];
}

function TextField(props: Common & { field: Field; path: Path; value: unknown }) {
  const { field, path, value, put, ...common } = props;
  const form = useForm();
  const list = useId();
  const names = field.refers === null ? field.examples : form.candidates(field.refers, path);
  return (
    <>
      <TextInput
        {...common}
        list={names.length > 0 ? list : undefined}
        placeholder={field.preset === undefined ? undefined : shownValue(field.preset)}
        value={shownValue(value)}
        onChange={(event) => put(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
      {names.length > 0 && (
        <datalist id={list}>
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** What is typed stands as long as it means the value; a half-typed number changes nothing. */
function useTyped(value: unknown, read: (text: string) => unknown, show: (value: unknown) => string) {
  const [typed, setTyped] = useState<string | null>(null);
  const means = typed !== null && JSON.stringify(read(typed)) === JSON.stringify(value);
  const [half, setHalf] = useState(false);
  return {
    text: typed !== null && (means || half) ? typed : show(value),
    half,
    type: (text: string, isHalf: boolean) => {
      setTyped(text);
      setHalf(isHalf);
    },
  };
}

function numberOf(text: string): number | undefined {
  const plain = text.trim().replace(',', '.');
  return plain === '' ? undefined : Number(plain);
}

function NumberField(props: Common & { unit: string | null; preset: unknown; value: unknown }) {
  const { unit, preset, value, put, error, ...common } = props;
  const { text, half, type } = useTyped(value, numberOf, shownValue);
  return (
    <TextInput
      {...common}
      inputMode="decimal"
      error={half ? `${text} is not a number.` : error}
      placeholder={preset === undefined ? undefined : shownValue(preset)}
      value={text}
      rightSectionWidth="max-content"
      rightSection={<span className={styles.unit}>{unitText(unit, value ?? preset)}</span>}
      onChange={(event) => {
        const next = event.currentTarget.value;
        const number = numberOf(next);
        const isHalf = number !== undefined && !Number.isFinite(number);
        type(next, isHalf);
        if (!isHalf) put(number);
      }}
    />
  );
}

/** `ms = 30 s`: what a large number of a small unit is. */
function unitText(unit: string | null, value: unknown): string {
  if (unit === null) return '';
  if (typeof value !== 'number' || value < 1000) return unit;
  if (unit === 'ms') return `${unit} = ${spanText(value)}`;
  return unit === 'bytes' ? `${unit} = ${formatBytes(value)}` : unit;
}

function Choices({
  field,
  path,
  value,
  options,
}: {
  field: Field;
  path: Path;
  value: unknown;
  options: Option[];
}) {
  const form = useForm();
  const chosen = new Set(Array.isArray(value) ? (value as Option[]) : options);
  const toggle = (option: Option, on: boolean) => {
    const next = options.filter((other) => (other === option ? on : chosen.has(other)));
    form.edit(
      next.length === 0 || next.length === options.length
        ? { kind: 'delete', path }
        : { kind: 'set', path, value: next },
    );
  };
  return (
    <Checkbox.Group label={field.title} description={field.help} error={problemAt(form, path)}>
      <div className={styles.choices}>
        {options.map((option) => (
          <Checkbox
            key={String(option)}
            label={String(option)}
            checked={chosen.has(option)}
            onChange={(event) => toggle(option, event.currentTarget.checked)}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** Whatever no form is known for, as YAML on one line. */
function YamlField({ value, put, error, ...common }: Common & { value: unknown }) {
  const { text, half, type } = useTyped(
    value,
    (typed) => readYaml(typed).value ?? undefined,
    (shown) => (shown === undefined ? '' : JSON.stringify(shown)),
  );
  return (
    <TextInput
      {...common}
      value={text}
      error={half ? 'Cannot be read yet. Words with special characters want quotation marks.' : error}
      onChange={(event) => {
        const next = event.currentTarget.value;
        const { value: read, problem } = readYaml(next);
        type(next, problem !== null);
        if (!problem) put(read ?? undefined);
      }}
    />
  );
}
