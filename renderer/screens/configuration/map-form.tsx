/** Names with values of any kind: the options of a driver, which only it knows. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Path } from '../../../src/shared/yaml-edit.ts';
import styles from './configuration.module.css';
import { useForm } from './form-context.ts';
import type { Field } from './form-field.ts';
import { ValueInput } from './value-input.tsx';

function anyField(title: string): Field {
  const none = { help: null, preset: undefined, refers: null, fill: null, examples: [] };
  return { title, ...none, shape: { kind: 'any' } };
}

export function MapForm({ path, value }: { path: Path; value: unknown }) {
  const form = useForm();
  const [name, setName] = useState('');
  const keys = Object.keys(value ?? {});
  const isNew = name !== '' && !keys.includes(name);
  const add = () => {
    if (!isNew) return;
    form.edit({ kind: 'set', path: [...path, name], value: 0 });
    setName('');
  };
  return (
    <div className={styles.fields}>
      {keys.map((key) => (
        <ValueInput
          key={key}
          field={anyField(key)}
          path={[...path, key]}
          value={(value as Record<string, unknown>)[key]}
          required={false}
        />
      ))}
      <form
        className={styles.newKey}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextInput
          label="Name of another"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button variant="default" type="submit" disabled={!isNew}>
          Add
        </Button>
      </form>
    </div>
  );
}
