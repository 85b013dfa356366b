/**
 * Takes what the journal holds to one receiver: in order, nothing left out, each place moved only after the receiver has
 * taken what lies before it.
 * Owns: where it stands, how much goes together. Refuses: to know how something is sent (the sender tries until it is
 * taken) and to hold more than one parcel. At least once: after a kill the last parcel goes again, made of the same batches.
 */
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import { toMusterError, type MusterError } from '../../src/shared/errors.ts';
import { pause } from '../../src/shared/pause.ts';
import type { Calls } from '../../src/shared/peer.ts';
import { compareCursors, type ChannelInfo } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { parcelOf, type Parcel } from './parcel.ts';
import { dayOf, type Position, type Positions } from './position-file.ts';
import type { Account } from './publish-contract.ts';
import { RunBook } from './run-book.ts';

/** Gives parcels away. */
export interface Sender {
  /** Resolves when the receiver has it all, however long that takes; what is in the way is told by `onProblem`. */
  send(parcel: Parcel): Promise<number>;
  close(): Promise<void>;
}

export interface PumpOptions {
  source: Pick<Calls<DeviceContract>, 'pull' | 'runs'>;
  positions: Positions;
  from: 'now' | 'beginning';
  isWanted: (channel: ChannelInfo) => boolean;
  sender: Sender;
  /** Shortest time between two parcels, ms. */
  everyMs: number;
  tell: (account: Omit<Account, 'problem'>) => void;
  /** What keeps it from reading, null when nothing does. */
  onProblem: (error: MusterError | null) => void;
  clock: Clock;
}

/** Packed bytes taken from the journal at once: some 20,000 readings. */
const PULL_BYTES = 65_536;
const WAIT_MS = 30_000;
/** When a journal that cannot be read is asked again, ms. */
const AGAIN_MS = 2000;

/** Runs until `signal` aborts. Rejects only when the position cannot be written. */
export async function pump(options: PumpOptions, signal: AbortSignal): Promise<void> {
  const { source, positions, sender, isWanted, clock } = options;
  const book = new RunBook(async (from) => (await source.runs({ from })).runs);
  const seen = { readings: 0, batches: 0 };
  let position = positions.read();
  /** A parcel whose making was not written down is one batch, so that it goes under the same name as before. */
  let isFirst = true;

  const keep = (next: Position): void => {
    position = next;
    positions.write(next);
    account(next);
  };
  const account = ({ after, sent, lostBatches }: Position): void => {
    const today = sent.day === dayOf(clock) ? sent.readings : 0;
    options.tell({ sent: after, seen: { ...seen }, today, lostBatches });
  };

  async function next(): Promise<void> {
    const { after, through } = (position ??= await begin());
    account(position);
    const pulled = await source.pull({ after, maxBytes: PULL_BYTES, waitMs: WAIT_MS });
    const { trimmedTo, head, clockChanges } = pulled;
    options.onProblem(null);
    if (signal.aborted) return;
    book.clockChanged(clockChanges ?? 0);
    // the journal was made anew: what it holds now is all there is
    if (after && head && compareCursors(head, after) < 0)
      return keep({ ...position, after: null, through: null });
    if (trimmedTo && after && compareCursors(trimmedTo, after) > 0) {
      const lost = await book.between(after, trimmedTo);
      keep({ ...position, after: trimmedTo, lostBatches: position.lostBatches + lost });
    }
    const again = through && pulled.batches.filter((batch) => compareCursors(batch, through) <= 0);
    const batches = again?.length ? again : isFirst ? pulled.batches.slice(0, 1) : pulled.batches;
    const last = batches.at(-1);
    if (!last) return;
    isFirst = false;
    const end = { run: last.run, batch: last.batch };
    if (batches.length > 1 && batches !== again) keep({ ...position, through: end });
    const parcel = await parcelOf(batches, book, isWanted);
    seen.readings += parcel.rows;
    seen.batches += batches.length;
    account(position);
    const taken = await sender.send(parcel);
    if (signal.aborted) return;
    const day = dayOf(clock);
    const before = position.sent.day === day ? position.sent.readings : 0;
    keep({ ...position, after: end, through: null, sent: { day, readings: before + taken } });
    if (options.everyMs > 0) await pause(clock, options.everyMs, signal);
  }

  /** Where one begins that has never run. */
  async function begin(): Promise<Position> {
    const { head } = await source.pull({ after: null, maxBytes: 1, waitMs: 0, order: 'newest' });
    const after = options.from === 'now' ? head : null;
    const begun = { after, through: null, sent: { day: dayOf(clock), readings: 0 }, lostBatches: 0 };
    positions.write(begun);
    return begun;
  }

  while (!signal.aborted)
    try {
      await next();
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toMusterError(thrown);
      // the disk that does not keep where we stand is told by our end; a journal that is away comes back
      if (!error.retryable) throw error;
      options.onProblem(error);
      await pause(clock, AGAIN_MS, signal);
    }
}
