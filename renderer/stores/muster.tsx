/** The engine client and the stores, handed down to every screen. */
import { createContext, useContext, useMemo } from 'react';
import { useStore } from 'zustand';
import type { Channel, DeviceRecord } from '../../src/shared/engine-contract.ts';
import type { ShellApi } from '../../src/shared/shell-api.ts';
import type { EngineClient, EngineState } from '../engine.ts';
import type { CampaignsState, CampaignsStore } from './campaigns-store.ts';
import { channelsOf, type ChannelsState, type ChannelsStore } from './channels-store.ts';
import type { ConfigurationsState, ConfigurationsStore } from './configurations-store.ts';
import type { FleetState, FleetStore } from './fleet-store.ts';
import type { JobsState, JobsStore } from './jobs-store.ts';
import type { SiteState, SiteStore } from './site-store.ts';
import type { UiState, UiStore } from './ui-store.ts';

export interface Muster {
  engine: EngineClient;
  fleet: FleetStore;
  jobs: JobsStore;
  campaigns: CampaignsStore;
  channels: ChannelsStore;
  configurations: ConfigurationsStore;
  site: SiteStore;
  ui: UiStore;
  /** The Electron shell; null in a browser. */
  shell: ShellApi | null;
}

export const MusterContext = createContext<Muster | null>(null);

/** Everything at once, for actions. Screens read state by the hooks below. */
export function useMuster(): Muster {
  const muster = useContext(MusterContext);
  if (!muster) throw new Error('there is no Muster around this part');
  return muster;
}

/** The engine's calls. */
export function useCalls(): EngineClient['call'] {
  return useMuster().engine.call;
}

export function useEngine<T>(select: (state: EngineState) => T): T {
  return useStore(useMuster().engine.state, select);
}
export function useFleet<T>(select: (state: FleetState) => T): T {
  return useStore(useMuster().fleet, select);
}
export function useJobs<T>(select: (state: JobsState) => T): T {
  return useStore(useMuster().jobs, select);
}
export function useCampaigns<T>(select: (state: CampaignsState) => T): T {
  return useStore(useMuster().campaigns, select);
}
export function useChannels<T>(select: (state: ChannelsState) => T): T {
  return useStore(useMuster().channels, select);
}
export function useConfigurations<T>(select: (state: ConfigurationsState) => T): T {
  return useStore(useMuster().configurations, select);
}
export function useSite<T>(select: (state: SiteState) => T): T {
  return useStore(useMuster().site, select);
}
export function useUi<T>(select: (state: UiState) => T): T {
  return useStore(useMuster().ui, select);
}

/** One device's record, undefined when the engine has none of that id. */
export function useDevice(id: string): DeviceRecord | undefined {
  return useFleet((state) => state.devices.get(id));
}

/** A device's channels in the order of their ids; the array changes only when a channel does. */
export function useDeviceChannels(device: string): Channel[] {
  const state = useChannels((all) => all);
  return useMemo(() => channelsOf(state, device), [state, device]);
}
