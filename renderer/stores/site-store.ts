/** What is known of the engine itself: its site, the networks it searches, the demo fleet. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Calls } from '../../src/shared/peer.ts';
import type { EngineContract } from '../../src/shared/engine-contract.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { EngineClient } from '../engine.ts';

type Answer<K extends keyof Calls<EngineContract>> = Awaited<ReturnType<Calls<EngineContract>[K]>>;

export interface SiteState {
  info: Answer<'engine.info'> | null;
  discovery: Answer<'discovery.status'> | null;
  demo: Answer<'demo.status'> | null;
}
export type SiteStore = StoreApi<SiteState> & {
  /** Asks again now; errors are the connection's and shown as such. */
  refresh(): Promise<void>;
};

/** The engine has no events for these, so they are asked for this often. */
const POLL_MS = 3000;

/** Makes the store; asks at every connection and then every three seconds. */
export function createSiteStore(engine: EngineClient, clock: Clock): SiteStore {
  const store = createStore<SiteState>(() => ({ info: null, discovery: null, demo: null }));
  let cancel = () => {};

  async function refresh(): Promise<void> {
    const [info, discovery, demo] = await Promise.allSettled([
      engine.call['engine.info']({}),
      engine.call['discovery.status']({}),
      engine.call['demo.status']({}),
    ]);
    if (info.status === 'fulfilled') store.setState({ info: info.value });
    if (discovery.status === 'fulfilled') store.setState({ discovery: discovery.value });
    if (demo.status === 'fulfilled') store.setState({ demo: demo.value });
  }
  async function poll(): Promise<void> {
    cancel();
    await refresh();
    cancel();
    if (engine.state.getState().phase === 'ready') cancel = clock.after(POLL_MS, () => void poll());
  }
  engine.onReady(() => void poll());
  return Object.assign(store, { refresh });
}
