/** The fleet rail: who is here, is anyone in trouble? Groups, filter, selection, keyboard. */
import { ActionIcon, Popover, TextInput, Tooltip } from '@mantine/core';
import IconPlus from '@tabler/icons-react/dist/esm/icons/IconPlus.mjs';
import IconRefresh from '@tabler/icons-react/dist/esm/icons/IconRefresh.mjs';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { useState } from 'react';
import { useFleet, useMuster, useUi } from '../../stores/muster.tsx';
import { AddressForm } from '../overview/address-form.tsx';
import { DeviceList } from './device-list.tsx';
import styles from './fleet-rail.module.css';
import { SelectionBar } from './selection-bar.tsx';

/** The filter's element id: `/` puts the focus there. */
export const FILTER_ID = 'fleet-filter';

export function FleetRail() {
  const { ui, engine } = useMuster();
  const filter = useUi((state) => state.filter);
  const count = useFleet((state) => state.devices.size);
  const [adding, setAdding] = useState(false);
  return (
    <nav className={styles.rail} aria-label="Devices">
      <header className={styles.head}>
        <h2>Devices</h2>
        <span className={styles.total}>{count.toLocaleString('en')}</span>
        <Tooltip label="Look again now">
          <ActionIcon
            variant="subtle"
            aria-label="Look again now"
            onClick={() => void engine.call['fleet.refresh']({}).catch(() => {})}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
        <Popover opened={adding} onChange={setAdding} position="bottom-start" width={300} trapFocus>
          <Popover.Target>
            <Tooltip label="Enter an address">
              <ActionIcon variant="subtle" aria-label="Enter an address" onClick={() => setAdding(!adding)}>
                <IconPlus size={16} />
              </ActionIcon>
            </Tooltip>
          </Popover.Target>
          <Popover.Dropdown>
            <AddressForm onAdded={() => setAdding(false)} />
          </Popover.Dropdown>
        </Popover>
      </header>
      <TextInput
        id={FILTER_ID}
        className={styles.filter ?? ''}
        value={filter}
        onChange={(event) => ui.getState().setFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('[role=listbox]')?.focus();
        }}
        placeholder="Filter"
        aria-label="Filter devices"
        leftSection={<IconSearch size={16} />}
        rightSection={<kbd className={styles.key}>/</kbd>}
      />
      <DeviceList />
      <SelectionBar />
    </nav>
  );
}
