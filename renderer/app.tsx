/** The window: title bar, fleet rail, work area, context drawer. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { DevicePage } from './screens/device/device-page.tsx';
import { ExportPage } from './screens/export/export-page.tsx';
import { FleetRail } from './screens/fleet/fleet-rail.tsx';
import { InstallDrawer } from './screens/install/install-drawer.tsx';
import { UninstallDrawer } from './screens/install/uninstall-drawer.tsx';
import { Overview } from './screens/overview/overview.tsx';
import { CommandPalette } from './screens/palette/command-palette.tsx';
import { CampaignPage } from './screens/push/campaign-page.tsx';
import { PushPage } from './screens/push/push-page.tsx';
import { SettingsPage } from './screens/settings/settings-page.tsx';
import { EngineBanner } from './shell/engine-banner.tsx';
import styles from './shell/shell.module.css';
import { TitleBar } from './shell/title-bar.tsx';
import { useAskBeforeLeaving } from './shell/use-ask-before-leaving.ts';
import { useShortcuts } from './shell/use-shortcuts.ts';
import { MusterContext, useFleet, useUi, type Muster } from './stores/muster.tsx';
import { theme, tokenVariables } from './styles/theme.ts';
import { useTheme } from './styles/use-theme.ts';

export function App({ muster }: { muster: Muster }) {
  return (
    <MusterContext value={muster}>
      <Window />
    </MusterContext>
  );
}

function Window() {
  const shown = useTheme();
  useShortcuts();
  useAskBeforeLeaving();
  const rail = useUi((state) => state.railOpen);
  const drawer = useUi((state) => state.drawer);
  // With nothing found there is nothing to list: the whole window says what to do.
  const anyone = useFleet((state) => state.devices.size > 0);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={tokenVariables}
      forceColorScheme={shown === 'dark' ? 'dark' : 'light'}
      deduplicateCssVariables={false}
    >
      <div className={styles.frame}>
        <TitleBar />
        <EngineBanner />
        <div
          className={styles.columns}
          data-rail={(rail && anyone) || undefined}
          data-drawer={drawer !== null || undefined}
        >
          {rail && anyone && <FleetRail />}
          <main className={styles.work}>
            <WorkArea />
          </main>
          {drawer && (
            <aside className={styles.drawer}>
              {drawer.name === 'install' ? (
                <InstallDrawer devices={drawer.devices} />
              ) : (
                <UninstallDrawer device={drawer.device} />
              )}
            </aside>
          )}
        </div>
      </div>
      <CommandPalette />
      <Notifications position="bottom-right" />
    </MantineProvider>
  );
}

function WorkArea() {
  const place = useUi((state) => state.place);
  switch (place.name) {
    case 'device':
      return <DevicePage key={place.device} deviceId={place.device} />;
    case 'export':
      return <ExportPage key={place.devices?.join(' ')} devices={place.devices} />;
    case 'push':
      return place.campaign === undefined ? (
        <PushPage key={place.devices?.join(' ')} devices={place.devices} />
      ) : (
        <CampaignPage key={place.campaign} id={place.campaign} />
      );
    case 'settings':
      return <SettingsPage />;
    case 'overview':
      return <Overview />;
  }
}
