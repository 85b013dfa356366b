/** The window: title bar, fleet rail, work area, context drawer. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MusterContext, useUi, type Muster } from './stores/muster.tsx';
import { DevicePage } from './screens/device/device-page.tsx';
import { theme, tokenVariables } from './styles/theme.ts';
import { useTheme } from './styles/use-theme.ts';

export function App({ muster }: { muster: Muster }) {
  return (
    <MusterContext value={muster}>
      <Frame />
    </MusterContext>
  );
}

function Frame() {
  const shown = useTheme();
  const place = useUi((state) => state.place);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={tokenVariables}
      forceColorScheme={shown === 'dark' ? 'dark' : 'light'}
      deduplicateCssVariables={false}
    >
      <Notifications position="bottom-right" />
      {place.name === 'device' && <DevicePage key={place.device} deviceId={place.device} />}
    </MantineProvider>
  );
}
