/**
 * One peer for every boundary: birpc calls packed by msgpackr over a Pipe, checked by zod on both sides.
 * A handler's error travels as data (WireError) and is thrown as a MusterError at the caller.
 */
import { createBirpc } from 'birpc';
import { Packr } from 'msgpackr';
import type * as z from 'zod';
import { errorFromWire, errorToWire, MusterError, toMusterError, type WireError } from './errors.ts';
import type { Pipe } from './pipe.ts';

/** Named calls with their input and output, and named events from the server to the client. */
export interface Contract {
  calls: Record<string, { input: z.ZodType; output: z.ZodType }>;
  events: Record<string, z.ZodType>;
}

/** What a caller sees of a contract. */
export type Calls<C extends Contract> = {
  [K in keyof C['calls']]: (
    input: z.input<C['calls'][K]['input']>,
  ) => Promise<z.output<C['calls'][K]['output']>>;
};

/** What a server must supply for a contract. */
export type Handlers<C extends Contract> = {
  [K in keyof C['calls']]: (
    input: z.output<C['calls'][K]['input']>,
  ) => Promise<z.input<C['calls'][K]['output']>> | z.input<C['calls'][K]['output']>;
};

/** Listeners of a contract's events. */
export type Listeners<C extends Contract> = {
  [K in keyof C['events']]?: (payload: z.output<C['events'][K]>) => void;
};

type Reply = { ok: unknown } | { error: WireError };
interface Wire {
  call(name: string, input: unknown): Promise<Reply>;
  event(name: string, payload: unknown): void;
}

const packr = new Packr({ useRecords: false, moreTypes: false });
const CALL_TIMEOUT_MS = 120_000;

function channel(pipe: Pipe) {
  return {
    post: (data: Uint8Array) => pipe.send(data),
    on: (fn: (data: Uint8Array) => void) => pipe.onMessage(fn),
    serialize: (data: unknown) => new Uint8Array(packr.pack(data)),
    deserialize: (data: Uint8Array): unknown => packr.unpack(data),
    timeout: CALL_TIMEOUT_MS,
    proxify: false as const,
  };
}

function check(schema: z.ZodType, value: unknown, code: 'BAD_INPUT' | 'BAD_REPLY', name: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new MusterError(code, `${name}: ${where ? `${where}: ` : ''}${issue?.message ?? 'invalid'}`, {
    call: name,
    field: where,
  });
}

/** The serving end: answers calls, sends events. */
export interface Server<C extends Contract> {
  emit<K extends keyof C['events'] & string>(name: K, payload: z.input<C['events'][K]>): void;
  close(): void;
}

/** Serves `handlers` on `pipe` until it closes. A throw of a handler becomes the caller's MusterError. */
export function servePeer<C extends Contract>(
  pipe: Pipe,
  contract: C,
  handlers: Handlers<C>,
  onClose: (error?: MusterError) => void = () => {},
): Server<C> {
  let open = true;
  const local: Wire = {
    async call(name, input) {
      try {
        const entry = Object.hasOwn(contract.calls, name) ? contract.calls[name] : undefined;
        if (!entry) throw new MusterError('UNSUPPORTED', `there is no call ${name.slice(0, 80)}`, {});
        const handler = handlers[name as keyof Handlers<C>] as (input: unknown) => unknown;
        return { ok: await handler(check(entry.input, input, 'BAD_INPUT', name)) };
      } catch (thrown) {
        return { error: errorToWire(thrown) };
      }
    },
    event() {},
  };
  const rpc = createBirpc<Wire, Wire, false>(local, { ...channel(pipe), onGeneralError: () => true });
  pipe.onClose((error) => {
    open = false;
    rpc.$close();
    onClose(error);
  });
  return {
    emit(name, payload) {
      if (!open) return;
      rpc.$callEvent('event', name, payload).catch(() => pipe.close());
    },
    close() {
      pipe.close();
    },
  };
}

/** The calling end. */
export interface Client<C extends Contract> {
  readonly call: Calls<C>;
  readonly closed: boolean;
  close(): void;
}

/** Calls a served contract over `pipe`. Pending calls reject with CLOSED (or the pipe's error) when it ends. */
export function connectPeer<C extends Contract>(
  pipe: Pipe,
  contract: C,
  listeners: Listeners<C> = {},
  onClose: (error?: MusterError) => void = () => {},
): Client<C> {
  let open = true;
  let ending = new MusterError('CLOSED', 'the connection is closed');
  const pending = new Set<(error: MusterError) => void>();
  const local: Wire = {
    call: () => Promise.resolve({ error: errorToWire(new MusterError('UNSUPPORTED', 'calls go one way')) }),
    event(name, payload) {
      const schema = Object.hasOwn(contract.events, name) ? contract.events[name] : undefined;
      const listener = listeners[name as keyof C['events']];
      if (!schema || !listener) return;
      const parsed = schema.safeParse(payload);
      if (parsed.success) listener(parsed.data as never);
    },
  };
  const rpc = createBirpc<Wire, Wire, false>(local, { ...channel(pipe), onGeneralError: () => true });
  pipe.onClose((error) => {
    if (!open) return;
    open = false;
    if (error) ending = error;
    for (const reject of pending) reject(ending);
    pending.clear();
    rpc.$close();
    onClose(error);
  });

  async function call(name: string, input: unknown): Promise<unknown> {
    if (!open) throw ending;
    const entry = contract.calls[name];
    if (!entry) throw new MusterError('UNSUPPORTED', `there is no call ${name}`);
    let fail: (error: MusterError) => void = () => {};
    const cut = new Promise<never>((_, reject) => {
      fail = reject;
    });
    pending.add(fail);
    try {
      const reply = await Promise.race([rpc.$call('call', name, input), cut]);
      if (typeof reply !== 'object' || reply === null)
        throw new MusterError('BAD_REPLY', `${name}: no reply`);
      if ('error' in reply) throw errorFromWire(reply.error);
      return check(entry.output, reply.ok, 'BAD_REPLY', name);
    } catch (thrown) {
      const error = toMusterError(thrown, open ? 'INTERNAL' : 'CLOSED');
      throw /timeout on calling/.test(error.message)
        ? new MusterError('TIMEOUT', `${name}: no answer in ${CALL_TIMEOUT_MS / 1000} s`, { call: name })
        : error;
    } finally {
      pending.delete(fail);
    }
  }

  const calls = Object.fromEntries(
    Object.keys(contract.calls).map((name) => [name, (input: unknown) => call(name, input)]),
  );
  return {
    call: calls as Calls<C>,
    get closed() {
      return !open;
    },
    close: () => pipe.close(),
  };
}
