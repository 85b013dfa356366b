/**
 * The page's one connection to the engine. Owns: opening, losing and reopening it, and the state a person sees of it.
 * Refuses: keeping data (the stores do) and repeating a call that was cut (the caller decides).
 * The stores and the screens call it; `main.tsx` makes the only one.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { engineContract, type EngineContract } from '../src/shared/engine-contract.ts';
import { errorToWire, MusterError, type WireError } from '../src/shared/errors.ts';
import { connectPeer, type Calls, type Client, type Listeners } from '../src/shared/peer.ts';
import type { Pipe } from '../src/shared/pipe.ts';
import type { Clock } from '../src/shared/time.ts';

/** `connecting`: never had one yet. `ready`: calls work. `lost`: had one, a new one is being made. */
export interface EngineState {
  phase: 'connecting' | 'ready' | 'lost';
  /** Failed attempts in a row. */
  attempts: number;
  /** Why the last attempt or connection ended, or what the engine answered that could not be used. */
  error: WireError | null;
}

type Events = EngineContract['events'];
type EventName = keyof Events;
type EventPayload<K extends EventName> = Parameters<NonNullable<Listeners<EngineContract>[K]>>[0];

/** The engine as the page sees it, over as many connections as it takes. */
export interface EngineClient {
  /** Every call of the contract. Rejects with CLOSED while there is no connection. */
  readonly call: Calls<EngineContract>;
  readonly state: StoreApi<EngineState>;
  /** Listens to an event over all connections; the result stops it. */
  on<K extends EventName>(event: K, fn: (payload: EventPayload<K>) => void): () => void;
  /** Called at every new connection, and at once when there is one: read the whole state again here. */
  onReady(fn: () => void): () => void;
  /** Makes a failure known that no screen asked for: a snapshot that could not be read. */
  report(error: unknown): void;
  close(): void;
}

const RETRY_MS = [250, 500, 1000, 2000, 4000];

/** Connects by `open` and keeps connected until `close`. */
export function startEngineClient(options: { open: () => Promise<Pipe>; clock: Clock }): EngineClient {
  const { open, clock } = options;
  const state = createStore<EngineState>(() => ({ phase: 'connecting', attempts: 0, error: null }));
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const readers = new Set<() => void>();
  let client: Client<EngineContract> | null = null;
  let closed = false;
  let cancelRetry = () => {};

  const tell = (event: EventName) => (payload: never) => {
    for (const fn of listeners.get(event) ?? []) fn(payload);
  };
  const events = Object.fromEntries(
    Object.keys(engineContract.events).map((name) => [name, tell(name as EventName)]),
  ) as Listeners<EngineContract>;

  function retry(error: MusterError | undefined): void {
    client = null;
    if (closed) return;
    const { phase, attempts } = state.getState();
    state.setState({
      phase: phase === 'connecting' ? 'connecting' : 'lost',
      attempts: attempts + 1,
      error: error ? errorToWire(error) : null,
    });
    cancelRetry = clock.after(
      RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 4000,
      () => void connect(),
    );
  }

  async function connect(): Promise<void> {
    let pipe: Pipe;
    try {
      pipe = await open();
    } catch (cause) {
      return retry(new MusterError('CONNECTION_LOST', 'the engine cannot be reached', {}, cause));
    }
    if (closed) return pipe.close();
    client = connectPeer(pipe, engineContract, events, retry);
    state.setState({ phase: 'ready', attempts: 0, error: null });
    for (const fn of readers) fn();
  }

  const call = Object.fromEntries(
    Object.keys(engineContract.calls).map((name) => [
      name,
      (input: never) =>
        client
          ? (client.call[name as keyof Calls<EngineContract>] as (input: never) => Promise<unknown>)(input)
          : Promise.reject(new MusterError('CLOSED', 'there is no connection to the engine')),
    ]),
  ) as unknown as Calls<EngineContract>;

  void connect();
  return {
    call,
    state,
    on(event, fn) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(fn));
      return () => void set.delete(fn);
    },
    onReady(fn) {
      readers.add(fn);
      if (client) fn();
      return () => void readers.delete(fn);
    },
    report(error) {
      // Without a connection its loss is the news, and everything is read again after it.
      if (client && !client.closed) state.setState({ error: errorToWire(error) });
    },
    close() {
      closed = true;
      cancelRetry();
      client?.close();
    },
  };
}
