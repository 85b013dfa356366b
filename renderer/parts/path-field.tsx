/** A path on this laptop: typed, or chosen in the system's dialog where the shell has one. */
import { Button, TextInput } from '@mantine/core';
import { useMuster } from '../stores/muster.tsx';
import styles from './path-field.module.css';
import { toastError } from './toast-error.ts';

export interface PathFieldProps {
  label: string;
  value: string;
  onChange: (path: string) => void;
  /** Opens the dialog; answers null when it was left without a choice. */
  choose: (shell: NonNullable<ReturnType<typeof useMuster>['shell']>) => Promise<string | null>;
  placeholder?: string;
  /** Takes the keyboard when it appears: it was asked for just now. */
  autoFocus?: boolean;
}

export function PathField({ label, value, onChange, choose, placeholder, autoFocus }: PathFieldProps) {
  const { shell } = useMuster();
  return (
    <div className={styles.path}>
      <TextInput
        label={label}
        placeholder={placeholder ?? ''}
        autoFocus={autoFocus ?? false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        spellCheck={false}
      />
      {shell && (
        <Button
          variant="default"
          onClick={() =>
            void choose(shell)
              .then((chosen) => chosen !== null && onChange(chosen))
              .catch(toastError)
          }
        >
          Choose …
        </Button>
      )}
    </div>
  );
}
