/** What can be done with the chosen devices; lies over the list's foot so that no row moves. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import IconX from '@tabler/icons-react/dist/esm/icons/IconX.mjs';
import { useFleet, useMuster, useUi } from '../../stores/muster.tsx';
import { formatCount } from '../../text/format.ts';
import styles from './fleet-rail.module.css';

export function SelectionBar() {
  const { ui } = useMuster();
  const selection = useUi((state) => state.selection);
  const devices = useFleet((state) => state.devices);
  const chosen = selection.flatMap((id) => devices.get(id) ?? []);
  if (chosen.length === 0) return null;
  const bare = chosen.filter((device) => !device.installed && device.kind !== 'nerves');
  const pushable = chosen.filter((device) => (device.installed && device.mine) || device.kind === 'nerves');
  const withData = chosen.filter((device) => device.newest !== null);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Chosen devices">
      <div className={styles.barHead}>
        <span>{formatCount(chosen.length, 'device')} chosen</span>
        <Tooltip label="Choose none (Esc)">
          <ActionIcon
            variant="subtle"
            aria-label="Choose none"
            onClick={() => ui.getState().setSelection([])}
          >
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {bare.length > 0 && (
        <Button
          fullWidth
          onClick={() => ui.getState().openDrawer({ name: 'install', devices: bare.map(({ id }) => id) })}
        >
          Install on {formatCount(bare.length, 'device')}
        </Button>
      )}
      {pushable.length > 0 && (
        <Button
          fullWidth
          variant="default"
          onClick={() => ui.getState().go({ name: 'push', devices: pushable.map(({ id }) => id) })}
        >
          Push firmware to {formatCount(pushable.length, 'device')}
        </Button>
      )}
      <Button
        fullWidth
        variant="default"
        disabled={withData.length === 0}
        onClick={() => ui.getState().go({ name: 'export', devices: withData.map(({ id }) => id) })}
      >
        {withData.length === 0
          ? 'No readings to export yet'
          : `Export ${formatCount(withData.length, 'device')}`}
      </Button>
    </div>
  );
}
