/** Pushes of firmware to many devices, under way or ended, as the engine keeps them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Campaign } from '../../src/shared/campaign.ts';
import type { EngineClient } from '../engine.ts';
import { follow } from './follow.ts';

export interface CampaignsState {
  campaigns: ReadonlyMap<string, Campaign>;
  /** False until the engine has told them once. */
  loaded: boolean;
}
export type CampaignsStore = StoreApi<CampaignsState>;

/** Makes the store and keeps it following `engine`. */
export function createCampaignsStore(engine: EngineClient): CampaignsStore {
  const store = createStore<CampaignsState>(() => ({ campaigns: new Map(), loaded: false }));
  follow<CampaignsState, Campaign>(engine, store, {
    listen: (take) => engine.on('campaign', take),
    async load() {
      const { campaigns } = await engine.call['campaigns.snapshot']({});
      return { campaigns: new Map(campaigns.map((campaign) => [campaign.id, campaign])), loaded: true };
    },
    apply: (state, campaign) => ({
      ...state,
      campaigns: new Map(state.campaigns).set(campaign.id, campaign),
    }),
  });
  return store;
}

/** All of them, newest first. */
export function newestFirst(campaigns: ReadonlyMap<string, Campaign>): Campaign[] {
  return [...campaigns.values()].toSorted((a, b) => b.startedAt - a.startedAt);
}
