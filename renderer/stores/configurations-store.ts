/**
 * What is known of the devices' configurations, and what a person changed of them and did not try yet. Changes outlive
 * a tab, a lost connection and a restart of the window. Refuses: to check or to apply anything.
 */
import * as z from 'zod';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConfigurationState } from '../../src/shared/device-configuration-calls.ts';
import type { EngineClient } from '../engine.ts';
import type { Keeper } from './ui-store.ts';

const draftSchema = z.object({
  /** The document that it was made from. */
  base: z.object({ text: z.string(), hash: z.string() }),
  text: z.string(),
});
export type Draft = z.infer<typeof draftSchema>;

interface KnownConfiguration {
  state: ConfigurationState;
  /** JSON schema, as text. */
  schema: string;
  /** Of the daemon whose schema it is. */
  daemonVersion: string | null;
}

export interface ConfigurationsState {
  /** Last heard of each device since the window opened. */
  known: ReadonlyMap<string, KnownConfiguration>;
  drafts: ReadonlyMap<string, Draft>;
  /** A draft that the device runs on for good is no draft any more. */
  learn(device: string, known: KnownConfiguration): void;
  /** Keeps a changed text; one that says the same as its base is no change and is dropped. */
  edit(device: string, draft: Draft): void;
  discard(device: string): void;
}
export type ConfigurationsStore = StoreApi<ConfigurationsState>;

const KEY = 'muster.configurations';

function read(keeper: Keeper): Map<string, Draft> {
  try {
    const stored: unknown = JSON.parse(keeper.getItem(KEY) ?? '{}');
    const result = z.record(z.string(), draftSchema).safeParse(stored);
    return new Map(Object.entries(result.success ? result.data : {}));
  } catch {
    return new Map();
  }
}

function write(keeper: Keeper, drafts: ReadonlyMap<string, Draft>): void {
  try {
    keeper.setItem(KEY, JSON.stringify(Object.fromEntries(drafts)));
  } catch {
    // storage is full or forbidden: the changes hold until the window closes
  }
}

/** Makes the store from what `keeper` holds and writes every change back. */
export function createConfigurationsStore(engine: EngineClient, keeper: Keeper): ConfigurationsStore {
  const without = (drafts: ReadonlyMap<string, Draft>, device: string) => {
    const rest = new Map(drafts);
    rest.delete(device);
    return rest;
  };
  const store = createStore<ConfigurationsState>((set) => ({
    known: new Map(),
    drafts: read(keeper),
    learn: (device, known) =>
      set(({ known: before, drafts }) => {
        const { text, trial } = known.state;
        const isThere = !trial && drafts.get(device)?.text === text;
        return {
          known: new Map(before).set(device, known),
          ...(isThere && { drafts: without(drafts, device) }),
        };
      }),
    edit: (device, draft) =>
      set(({ drafts }) => ({
        drafts: draft.text === draft.base.text ? without(drafts, device) : new Map(drafts).set(device, draft),
      })),
    discard: (device) => set(({ drafts }) => ({ drafts: without(drafts, device) })),
  }));
  store.subscribe(({ drafts }, before) => {
    if (drafts !== before.drafts) write(keeper, drafts);
  });
  engine.on('deviceRenamed', ({ from, to }) =>
    store.setState(({ drafts }) => {
      const moved = drafts.get(from);
      return moved ? { drafts: without(drafts, from).set(to, moved) } : {};
    }),
  );
  return store;
}
