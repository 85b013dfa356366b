/**
 * The live connection to one device's daemon: connects, catches up from the archive's cursor, stays.
 * Owns: when to connect, the pull loop, time-outs. Refuses: how a pipe is made (`open` is handed in: SSH, a test's
 * pipe pair), what a batch means (ingest). Called by the engine, once per device. link-machine.ts decides, this obeys.
 */
import { hostname } from 'node:os';
import {
  deviceContract,
  PROTOCOL,
  type DeviceContract,
  type DeviceIdentity,
} from '../../shared/device-contract.ts';
import type { LinkState } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { connectPeer, type Calls, type Client } from '../../shared/peer.ts';
import type { Pipe } from '../../shared/pipe.ts';
import { compareCursors, type Cursor } from '../../shared/reading.ts';
import type { Clock } from '../../shared/time.ts';
import { VERSION } from '../../shared/version.ts';
import type { ReadingColumns } from '../archive/reading-columns.ts';
import type { Archive } from '../archive/archive.ts';
import { createIngest, type IngestOptions, type News, type Pulled } from '../ingest/ingest.ts';
import { initialLink, linkState, linkStep, type LinkEvent } from './link-machine.ts';
import { NewestFirst } from './newest-first.ts';

/** The daemon's answer to hello. */
type Hello = Awaited<ReturnType<Calls<DeviceContract>['hello']>>;

/** A device's answer to an offer of time. */
export type TimeOffered = Awaited<ReturnType<Calls<DeviceContract>['offerTime']>>;

export interface LinkOptions {
  /** The device's lasting id: another device that answers in its place is refused (DEVICE_UNKNOWN). */
  device: DeviceIdentity['id'];
  /** Makes a pipe to the daemon. `signal` aborts when the link is stopped meanwhile. */
  open: (signal: AbortSignal) => Promise<Pipe>;
  archive: IngestOptions['archive'] & Pick<Archive, 'uncommitted'>;
  clock: Clock;
  log: Log;
  /** Spreads retries, 0..1. */
  random?: () => number;
  onState: (state: LinkState) => void;
  onHello: (hello: Hello) => void;
  /** Offer this laptop's time to a device whose clock nobody has set; its verdict is told. Without it: never. */
  offerTime?: ((offered: TimeOffered) => void) | null;
  /** Told before readings of a new channel come. */
  onNews: (news: News) => void;
  /** Readings just committed that were not told as being ahead. */
  onReadings: (readings: ReadingColumns) => void;
  /** The newest readings of a device that is far behind: not committed yet. Null: nothing is ahead any more. */
  onAhead: (readings: ReadingColumns | null) => void;
}

export interface Link {
  readonly state: LinkState;
  /** The daemon's calls. Throws CLOSED while it is not connected. */
  readonly call: Calls<DeviceContract>;
  /** Tries now: the device was seen, its firmware or trust changed. Nothing while connected. */
  retry(): void;
  /** Ends the link; resolved when nothing of it touches the archive any more. */
  stop(): Promise<void>;
}

/** One answer is at most this large: it is one transaction, and may not stall the engine. */
const PULL_BYTES = 262_144;
const WAIT_MS = 20_000;
/** Beyond what an answer may take by itself, the line is dead. */
const ANSWER_MS = 20_000;
/** What making the pipe may take more. */
const OPEN_MS = 20_000;
/** The device's clock may be put right while we are connected. */
const NOTE_RUNS_MS = 60_000;
/** Before asking again a device that answers without anything new although it was told to wait. */
const IDLE_MS = 200;

/** Starts linking at once. */
export function startLink(options: LinkOptions): Link {
  const { clock, log } = options;
  const random = options.random ?? Math.random;
  let machine = initialLink(clock.wall());
  let session: Session | null = null;
  const newest = new NewestFirst(options);
  const ending = new Set<Promise<void>>();
  let cancelWait = () => {};

  function handle(event: LinkEvent): void {
    const before = machine;
    const { machine: after, actions } = linkStep(before, event);
    machine = after;
    for (const action of actions)
      switch (action.type) {
        case 'connect':
          connect();
          break;
        case 'disconnect':
          cancelWait();
          session?.end();
          session = null;
          break;
        case 'wait':
          cancelWait = clock.after(action.ms, () => handle({ type: 'due', at: clock.wall() }));
          break;
      }
    if (after !== before) options.onState(linkState(after));
  }

  function connect(): void {
    cancelWait();
    const mine = new Session(options, newest, (event) => {
      if (session === mine) handle({ ...event, at: clock.wall() });
    });
    session = mine;
    const ended = mine.run().catch((thrown: unknown) => {
      const error = toMusterError(thrown);
      if (session !== mine) return;
      log('warn', 'link lost', { device: options.device, code: error.code, reason: error.message });
      handle({ type: 'lost', error, random: random(), at: clock.wall() });
    });
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  }

  handle({ type: 'start', at: clock.wall() });
  return {
    get state() {
      return linkState(machine);
    },
    get call() {
      const call = session?.call;
      if (!call) throw new MusterError('CLOSED', 'the device is not connected', { device: options.device });
      return call;
    },
    retry: () => handle({ type: 'retry', at: clock.wall() }),
    async stop() {
      handle({ type: 'stop', at: clock.wall() });
      await Promise.all(ending);
    },
  };
}

type Progress = { type: 'ready' | 'progress'; behind: number };

/** One connection, from opening to its loss. */
class Session {
  readonly #options: LinkOptions;
  readonly #newest: NewestFirst;
  readonly #tell: (event: Progress) => void;
  readonly #abort = new AbortController();
  #client: Client<DeviceContract> | null = null;
  #ready = false;
  #wake = () => {};

  constructor(options: LinkOptions, newest: NewestFirst, tell: (event: Progress) => void) {
    this.#options = options;
    this.#newest = newest;
    this.#tell = tell;
  }

  get call(): Calls<DeviceContract> | null {
    return this.#ready && this.#client && !this.#client.closed ? this.#client.call : null;
  }

  end(): void {
    this.#abort.abort();
    this.#client?.close();
    this.#wake();
  }

  /** Runs until the connection is lost, which is always an error, or `end` was called. */
  async run(): Promise<void> {
    const { archive, clock, device } = this.#options;
    const { call } = await this.#connect();
    const greetedAt = clock.monotonic();
    const hello = await this.#answer(
      call.hello({ protocol: PROTOCOL, client: 'engine', clientVersion: VERSION }),
    );
    checkHello(hello, device);
    const roundTripMs = clock.monotonic() - greetedAt;
    this.#options.onHello(hello);
    let changes = hello.clockChanges;
    if (hello.clock === 'none' && this.#options.offerTime) {
      const offered = await this.#offer(call, roundTripMs);
      if (changes !== undefined && offered?.verdict === 'taken') changes++;
    }
    const patient = {
      runs: (input: Parameters<typeof call.runs>[0]) => this.#answer(call.runs(input)),
      channels: (input: Parameters<typeof call.channels>[0]) => this.#answer(call.channels(input)),
    };
    const { onNews } = this.#options;
    const ingest = createIngest({ device, run: hello.run, archive, call: patient, onNews });
    await ingest.noteRuns();
    let noted = clock.monotonic();
    let cursor = await archive.cursor(device);
    this.#ready = true;
    this.#tell({ type: 'ready', behind: ingest.behind(cursor, null) });

    // The first question is not told to wait: its answer says whether there is anything to catch up with.
    let asked = this.#pull(cursor, 0);
    let told = false;
    let behind = 0;
    this.#newest.begin();
    for (;;) {
      const pulled = await asked;
      this.#check();
      if (pulled.clockChanges !== changes) {
        changes = pulled.clockChanges;
        await ingest.noteRuns();
      }
      const end = endOf(cursor, pulled);
      const moved = !same(end, cursor);
      // The next answer travels while this one is written; it is only used when this one was taken whole.
      const ahead = moved ? this.#pull(end, WAIT_MS) : null;
      ahead?.catch(() => {});
      const committed = await ingest.take(cursor, pulled);
      if (committed.rows.t.length > 0)
        for (const rows of this.#newest.unseen(committed.rows)) this.#options.onReadings(rows);
      this.#check();
      cursor = committed.cursor;
      behind = ingest.behind(cursor, pulled.head);
      this.#tell({ type: 'progress', behind });
      this.#newest.progress(() => ({ cursor, behind }), {
        pull: (question) => this.#answer(call.pull(question)),
        noteRuns: () => ingest.noteRuns(),
      });
      if (clock.monotonic() - noted >= NOTE_RUNS_MS) {
        await ingest.noteRuns();
        noted = clock.monotonic();
        cursor = await archive.cursor(device);
      }
      if (ahead && same(end, cursor)) {
        asked = ahead;
        continue;
      }
      if (!moved && told) await this.#pause(IDLE_MS);
      told = true;
      asked = this.#pull(cursor, WAIT_MS);
    }
  }

  async #connect(): Promise<Client<DeviceContract>> {
    const { signal } = this.#abort;
    const opening = this.#options.open(signal);
    // An `open` that does not heed its signal must not hold up stop(); what it opens later is closed.
    const pipe = await this.#answer(Promise.race([opening, aborted(signal)]), OPEN_MS).catch(
      (error: unknown) => {
        opening.then((late) => late.close()).catch(() => {});
        throw error;
      },
    );
    this.#client = connectPeer(pipe, deviceContract, {}, () => this.#wake());
    if (signal.aborted) this.#client.close();
    return this.#client;
  }

  /** Offers our time. A device that does not know the question keeps its own: that is no reason to lose the link. */
  async #offer(call: Calls<DeviceContract>, roundTripMs: number): Promise<TimeOffered | null> {
    const { clock, device, log } = this.#options;
    try {
      const offer = { wallMs: clock.wall(), roundTripMs: Math.min(roundTripMs, 60_000), by: hostname() };
      const offered = await this.#answer(call.offerTime(offer));
      this.#options.offerTime?.(offered);
      return offered;
    } catch (thrown) {
      const { code, message } = toMusterError(thrown);
      if (code !== 'UNSUPPORTED') throw thrown;
      log('info', 'the device takes no time from a laptop', { device, reason: message });
      return null;
    }
  }

  #pull(after: Cursor | null, waitMs: number): Promise<Pulled> {
    return this.#answer(this.#client!.call.pull({ after, maxBytes: PULL_BYTES, waitMs }), waitMs);
  }

  /** The answer, or TIMEOUT and the end of the connection. */
  async #answer<T>(answer: Promise<T>, extraMs = 0): Promise<T> {
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.#options.clock.after(ANSWER_MS + extraMs, () =>
        reject(new MusterError('TIMEOUT', `no answer in ${(ANSWER_MS + extraMs) / 1000} s`)),
      );
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#check();
  }

  #check(): void {
    if (this.#abort.signal.aborted) throw cancelled();
  }
}

/** Throws PROTOCOL_MISMATCH, or DEVICE_UNKNOWN when another device than `device` has answered. */
export function checkHello(hello: Hello, device: string): void {
  if (hello.protocol !== PROTOCOL)
    throw new MusterError(
      'PROTOCOL_MISMATCH',
      `the daemon speaks protocol ${hello.protocol}, not ${PROTOCOL}`,
      {
        expected: PROTOCOL,
        actual: hello.protocol,
      },
    );
  if (hello.device.id !== device)
    throw new MusterError('DEVICE_UNKNOWN', 'another device answers at this address', {
      expected: device,
      actual: hello.device.id,
    });
}

/** Where the cursor will be when an answer is committed. */
function endOf(cursor: Cursor | null, { batches, trimmedTo }: Pulled): Cursor | null {
  let end = cursor;
  const places = batches.map(({ run, batch }) => ({ run, batch }));
  for (const place of trimmedTo ? [...places, trimmedTo] : places)
    if (!end || compareCursors(place, end) > 0) end = place;
  return end;
}

function same(a: Cursor | null, b: Cursor | null): boolean {
  return a === null || b === null ? a === b : compareCursors(a, b) === 0;
}

function cancelled(): MusterError {
  return new MusterError('CANCELLED', 'the link was stopped');
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(cancelled());
    else signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
}
