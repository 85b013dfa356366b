/**
 * Keeps a store equal to a part of the engine's state: listens first, then asks for the whole.
 * Changes that arrive while the answer is on its way are newer than it, so they are applied again on top.
 */
import type { StoreApi } from 'zustand/vanilla';
import type { EngineClient } from '../engine.ts';

/** Where a store's rows come from. */
interface Source<S, C> {
  /** Subscribes to the events that change this part. */
  listen(take: (change: C) => void): void;
  /** Asks for the whole. */
  load(): Promise<S>;
  apply(state: S, change: C): S;
}

/** Follows `source` over every connection of `engine`. A failed load keeps what was there; the next connection loads anew. */
export function follow<S, C>(engine: EngineClient, store: StoreApi<S>, source: Source<S, C>): void {
  let turn = 0;
  let late: C[] | null = null;

  source.listen((change) => {
    late?.push(change);
    store.setState(source.apply(store.getState(), change), true);
  });

  async function load(): Promise<void> {
    const mine = ++turn;
    late = [];
    try {
      const whole = await source.load();
      if (mine === turn)
        store.setState(
          (late ?? []).reduce<S>((state, change) => source.apply(state, change), whole),
          true,
        );
    } catch (error) {
      if (mine === turn) engine.report(error);
    } finally {
      if (mine === turn) late = null;
    }
  }
  engine.onReady(() => void load());
}
