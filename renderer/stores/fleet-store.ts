/** The devices, as the engine last told. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';
import type { EngineClient } from '../engine.ts';
import { follow } from './follow.ts';

export interface FleetState {
  devices: ReadonlyMap<string, DeviceRecord>;
  /** False until the first snapshot: an empty list means nothing before. */
  loaded: boolean;
}
export type FleetStore = StoreApi<FleetState>;

type Change = { set: DeviceRecord } | { gone: string } | { from: string; to: string };

function apply(state: FleetState, change: Change): FleetState {
  const devices = new Map(state.devices);
  if ('set' in change) devices.set(change.set.id, change.set);
  else if ('gone' in change) devices.delete(change.gone);
  else {
    const device = devices.get(change.from);
    devices.delete(change.from);
    if (device && !devices.has(change.to)) devices.set(change.to, { ...device, id: change.to });
  }
  return { ...state, devices };
}

/** Makes the store and keeps it following `engine`. */
export function createFleetStore(engine: EngineClient): FleetStore {
  const store = createStore<FleetState>(() => ({ devices: new Map(), loaded: false }));
  follow<FleetState, Change>(engine, store, {
    listen(take) {
      engine.on('device', (device) => take({ set: device }));
      engine.on('deviceGone', ({ id }) => take({ gone: id }));
      engine.on('deviceRenamed', take);
    },
    async load() {
      const { devices } = await engine.call['fleet.snapshot']({});
      return { devices: new Map(devices.map((device) => [device.id, device])), loaded: true };
    },
    apply,
  });
  return store;
}
