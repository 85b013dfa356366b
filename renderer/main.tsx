/** Starts the page: the engine client, the stores, the screens. */
import './no-eval.ts';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './styles/tokens.css';
import './styles/base.css';
import { createRoot } from 'react-dom/client';
import type { ShellApi } from '../src/shared/shell-api.ts';
import { App } from './app.tsx';
import { startEngineClient } from './engine.ts';
import { openShellPipe } from './message-port-pipe.ts';
import { pageClock } from './page-clock.ts';
import { engineSocketUrl, openSocketPipe } from './socket-pipe.ts';
import { createCampaignsStore } from './stores/campaigns-store.ts';
import { createChannelsStore } from './stores/channels-store.ts';
import { createConfigurationsStore } from './stores/configurations-store.ts';
import { createFleetStore } from './stores/fleet-store.ts';
import { createJobsStore } from './stores/jobs-store.ts';
import { createSiteStore } from './stores/site-store.ts';
import { createUiStore } from './stores/ui-store.ts';

declare global {
  interface Window {
    muster?: ShellApi;
  }
}

const shell = window.muster ?? null;
const engine = startEngineClient({
  open: () => (shell ? openShellPipe(shell) : openSocketPipe(engineSocketUrl(window.location))),
  clock: pageClock,
});
const root = document.querySelector('#root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <App
    muster={{
      engine,
      fleet: createFleetStore(engine),
      jobs: createJobsStore(engine),
      campaigns: createCampaignsStore(engine),
      channels: createChannelsStore(engine),
      configurations: createConfigurationsStore(engine, window.localStorage),
      site: createSiteStore(engine, pageClock),
      ui: createUiStore(engine, window.localStorage),
      shell,
    }}
  />,
);
