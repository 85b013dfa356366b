/** The title bar: site, state of the links, command palette, places, theme. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import IconDeviceDesktop from '@tabler/icons-react/dist/esm/icons/IconDeviceDesktop.mjs';
import IconFileSpreadsheet from '@tabler/icons-react/dist/esm/icons/IconFileSpreadsheet.mjs';
import IconLayoutSidebar from '@tabler/icons-react/dist/esm/icons/IconLayoutSidebar.mjs';
import IconMoon from '@tabler/icons-react/dist/esm/icons/IconMoon.mjs';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import IconSettings from '@tabler/icons-react/dist/esm/icons/IconSettings.mjs';
import IconSun from '@tabler/icons-react/dist/esm/icons/IconSun.mjs';
import IconSunHigh from '@tabler/icons-react/dist/esm/icons/IconSunHigh.mjs';
import IconUpload from '@tabler/icons-react/dist/esm/icons/IconUpload.mjs';
import { StateWord } from '../parts/state-word.tsx';
import { useEngine, useFleet, useMuster, useSite, useUi } from '../stores/muster.tsx';
import type { ThemeChoice } from '../stores/ui-store.ts';
import { linkSummary } from '../text/link-summary.ts';
import styles from './shell.module.css';

const THEMES: Record<ThemeChoice, { label: string; Icon: typeof IconSun }> = {
  system: { label: 'As the system', Icon: IconDeviceDesktop },
  light: { label: 'Light', Icon: IconSun },
  dark: { label: 'Dark', Icon: IconMoon },
  sunlight: { label: 'Sunlight', Icon: IconSunHigh },
};

/** Ctrl, or the key that stands in for it on a Mac. */
const MOD = /Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

export function TitleBar() {
  const { ui } = useMuster();
  const info = useSite((state) => state.info);
  const phase = useEngine((state) => state.phase);
  const devices = useFleet((state) => state.devices);
  const summary = linkSummary(phase, devices.values());
  return (
    <header className={styles.bar}>
      <Tooltip label={`Show or hide the devices (${MOD} B)`}>
        <ActionIcon
          variant="subtle"
          aria-label="Show or hide the devices"
          onClick={() => ui.getState().toggleRail()}
        >
          <IconLayoutSidebar size={20} />
        </ActionIcon>
      </Tooltip>
      <button type="button" className={styles.brand} onClick={() => ui.getState().go({ name: 'overview' })}>
        Muster
      </button>
      <span className={styles.site} title={info?.sitePath}>
        {info?.site}
      </span>
      <StateWord {...summary} />
      <button type="button" className={styles.palette} onClick={() => ui.getState().setPaletteOpen(true)}>
        <IconSearch size={16} aria-hidden />
        <span>Do anything, go anywhere</span>
        <kbd>{MOD} K</kbd>
      </button>
      <Button
        variant="subtle"
        leftSection={<IconUpload size={16} />}
        onClick={() => ui.getState().go({ name: 'push' })}
      >
        Push
      </Button>
      <Button
        variant="subtle"
        leftSection={<IconFileSpreadsheet size={16} />}
        onClick={() => ui.getState().go({ name: 'export' })}
      >
        Export
      </Button>
      <ThemeMenu />
      <Tooltip label="Settings">
        <ActionIcon
          variant="subtle"
          aria-label="Settings"
          onClick={() => ui.getState().go({ name: 'settings' })}
        >
          <IconSettings size={20} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}

function ThemeMenu() {
  const { ui } = useMuster();
  const choice = useUi((state) => state.theme);
  const { Icon } = THEMES[choice];
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <Tooltip label="Theme">
          <ActionIcon variant="subtle" aria-label="Theme">
            <Icon size={20} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(THEMES) as ThemeChoice[]).map((name) => {
          const { label, Icon: Each } = THEMES[name];
          return (
            <Menu.Item
              key={name}
              leftSection={<Each size={16} />}
              rightSection={name === choice ? <IconCheck size={16} /> : null}
              onClick={() => ui.getState().setTheme(name)}
            >
              {label}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
