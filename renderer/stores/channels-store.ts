/** What the archive has columns for. Live values do not pass here: the device page pulls them as columns. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Channel } from '../../src/shared/engine-contract.ts';
import type { EngineClient } from '../engine.ts';
import { follow } from './follow.ts';

export interface ChannelsState {
  channels: ReadonlyMap<number, Channel>;
  loaded: boolean;
}
export type ChannelsStore = StoreApi<ChannelsState>;

type Change = Channel | { from: string; to: string };

function apply(state: ChannelsState, change: Change): ChannelsState {
  if ('id' in change) return { ...state, channels: new Map(state.channels).set(change.id, change) };
  const moved = [...state.channels].map(([id, channel]): [number, Channel] => [
    id,
    channel.device === change.from ? { ...channel, device: change.to } : channel,
  ]);
  return { ...state, channels: new Map(moved) };
}

/** Makes the store and keeps it following `engine`. */
export function createChannelsStore(engine: EngineClient): ChannelsStore {
  const store = createStore<ChannelsState>(() => ({ channels: new Map(), loaded: false }));
  follow<ChannelsState, Change>(engine, store, {
    listen(take) {
      engine.on('channel', take);
      engine.on('deviceRenamed', take);
    },
    async load() {
      const { channels } = await engine.call['channels.list']({ device: null });
      return { channels: new Map(channels.map((channel) => [channel.id, channel])), loaded: true };
    },
    apply,
  });
  return store;
}

/** Channels of a device, in the order of their declaration (id). */
export function channelsOf(state: ChannelsState, device: string): Channel[] {
  return [...state.channels.values()]
    .filter((channel) => channel.device === device)
    .toSorted((a, b) => a.id - b.id);
}
