/** The files of a push: one for each kind of device in the fleet. */
import { ActionIcon, Button } from '@mantine/core';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import IconX from '@tabler/icons-react/dist/esm/icons/IconX.mjs';
import { PathField } from '../../parts/path-field.tsx';
import styles from './push.module.css';

/** What the engine takes in one push. */
const MOST = 8;

/** `paths`: at least one; empty ones are still to be filled in. */
export function FirmwareFiles({
  paths,
  onChange,
}: {
  paths: readonly string[];
  onChange: (paths: string[]) => void;
}) {
  return (
    <div className={styles.paths}>
      {paths.map((path, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- a field is its place, whatever is typed into it
        <div key={i} className={styles.fileRow}>
          <PathField
            label={i === 0 ? 'Firmware file on this laptop' : `File for other kinds of device (${i + 1})`}
            placeholder="/home/…/orchard-1.4.0-arm64.mfw"
            value={path}
            autoFocus={i > 0 && path === ''}
            onChange={(next) => onChange(paths.with(i, next))}
            choose={(shell) => shell.openFirmwareDialog()}
          />
          {paths.length > 1 && (
            <ActionIcon
              variant="subtle"
              size={36}
              aria-label={`Leave out file ${i + 1}`}
              title={`Leave out file ${i + 1}`}
              onClick={() => onChange(paths.toSpliced(i, 1))}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {paths.length < MOST && paths.at(-1) !== '' && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={styles.addFile ?? ''}
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onChange([...paths, ''])}
        >
          Add a file for other kinds of device
        </Button>
      )}
    </div>
  );
}
