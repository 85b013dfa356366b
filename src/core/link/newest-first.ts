/**
 * Shows the last minutes of a device that is far behind, while catching up (oldest first) has still to get there.
 * Owns: when that is worth a question, and that no reading is handed out twice. What is read so is not committed:
 * its turn in the archive comes as if nobody had looked. Called by link, one for all its sessions.
 */
import { compareCursors, type Cursor } from '../../shared/reading.ts';
import type { Clock } from '../../shared/time.ts';
import type { Archive } from '../archive/archive.ts';
import { rowsBetween, type PlacedColumns, type ReadingColumns } from '../archive/reading-columns.ts';
import type { Pulled } from '../ingest/ingest.ts';

/** Catching up that will be over sooner is not worth a look, ms. */
const WORTH_MS = 2000;
/** Bytes of one look: some minutes of a small device, some seconds on a slow line. */
const LOOK_BYTES = 131_072;
const LOOK_EVERY_MS = 1000;
/** Batches remembered as shown; after that catching up is waited for. */
const MOST_SHOWN = 50_000;

export interface NewestFirstOptions {
  device: string;
  archive: Pick<Archive, 'uncommitted'>;
  clock: Clock;
  /** Readings that lie ahead of what is committed, in the order they were made; null: there are none any more. */
  onAhead: (readings: ReadingColumns | null) => void;
}

/** How far catching up is. */
export interface Behind {
  cursor: Cursor | null;
  /** Batches still to come. */
  behind: number;
}

/** What a session lets the device be asked. */
export interface Asking {
  /** The newest batches, back to `after`. */
  pull: (question: { after: Cursor | null; maxBytes: number; waitMs: 0; order: 'newest' }) => Promise<Pulled>;
  /** Takes over what the device says of its runs and their channels. */
  noteRuns: () => Promise<void>;
}

export class NewestFirst {
  readonly #options: NewestFirstOptions;
  readonly #shown = new Set<string>();
  /** The newest batch shown. */
  #to: Cursor | null = null;
  #start: { at: number; behind: number } | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;
  #able = true;

  constructor(options: NewestFirstOptions) {
    this.#options = options;
  }

  /** A session began: how fast it catches up is not known yet, and its daemon may be another one. */
  begin(): void {
    this.#start = null;
    this.#able = true;
  }

  /** Told after each step of catching up, and `where` it is at any later moment; looks where that is worth it. */
  progress(where: () => Behind, asking: Asking): void {
    const { clock, onAhead } = this.#options;
    const { behind } = where();
    if (behind === 0) {
      if (this.#to) onAhead(null);
      this.#shown.clear();
      this.#to = null;
      this.#start = null;
      return;
    }
    const at = clock.monotonic();
    this.#start ??= { at, behind };
    const taken = this.#start.behind - behind;
    const leftMs = taken > 0 ? ((at - this.#start.at) * behind) / taken : 0;
    const worth = this.#able && leftMs > WORTH_MS && this.#shown.size < MOST_SHOWN;
    if (!worth || this.#looking || at - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#looking = true;
    this.#look(where, asking)
      // the session's own pulls say what is wrong with the line
      .catch(() => {})
      .finally(() => {
        this.#looking = false;
        this.#lookedAt = clock.monotonic();
      });
  }

  /** What of committed readings was not shown before. */
  unseen(committed: PlacedColumns): ReadingColumns[] {
    if (this.#shown.size === 0) return [committed];
    const parts: ReadingColumns[] = [];
    let from = 0;
    let at = 0;
    for (const { end, ...place } of committed.places) {
      if (this.#shown.has(key(place))) {
        if (at > from) parts.push(rowsBetween(committed, from, at));
        from = end;
      }
      at = end;
    }
    if (at > from) parts.push(rowsBetween(committed, from, at));
    return parts;
  }

  async #look(where: () => Behind, { pull, noteRuns }: Asking): Promise<void> {
    const { archive, device, onAhead } = this.#options;
    const after = this.#to ?? where().cursor;
    const { batches } = await pull({ after, maxBytes: LOOK_BYTES, waitMs: 0, order: 'newest' });
    const [newest, next] = batches;
    if (!newest) return;
    // a daemon that does not know the question answers oldest first
    this.#able = !next || compareCursors(newest, next) > 0;
    if (!this.#able) return;
    const inOrder = batches.toReversed();
    let readings = await archive.uncommitted(device, inOrder);
    if (readings.places.length < inOrder.length) {
      // a channel began since the device was last asked
      await noteRuns();
      readings = await archive.uncommitted(device, inOrder);
    }
    // from here on in one go: catching up may have come by in the meantime, and must not pass unnoticed now
    const { cursor, behind } = where();
    if (behind === 0) return;
    this.#to = { run: newest.run, batch: newest.batch };
    const first = readings.places.findIndex((place) => !cursor || compareCursors(place, cursor) > 0);
    if (first === -1) return;
    for (const place of readings.places.slice(first)) this.#shown.add(key(place));
    onAhead(rowsBetween(readings, readings.places[first - 1]?.end ?? 0, readings.t.length));
  }
}

function key({ run, batch }: Cursor): string {
  return `${run}.${batch}`;
}
