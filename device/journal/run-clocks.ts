/** The journal's rows about wall time: what each run believes, what it was told, what changed. Called by journal-store. */
import type { ClockBelief, ClockEvent, ClockObservation } from '../../src/shared/device-contract.ts';
import type { ClockSource } from '../../src/shared/reading.ts';
import { inheritsBack } from '../time/clock-belief.ts';
import type { Database } from './database.ts';
import type { ClockNote } from './journal.ts';

/** Notes of each kind that are kept; a clock that is set every minute must not fill the card. */
const NOTES_KEPT = 1000;
/** Of a machine that does not name its boots nothing can be said over a restart. */
const NO_BOOT = 'unknown';

type Row = Record<string, unknown>;

export class RunClocks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** What the last run of a boot believes. */
  ofBoot(bootId: string): ClockBelief | null {
    if (bootId === NO_BOOT) return null;
    const row = this.#db
      .prepare('SELECT offset_ms, clock FROM runs WHERE boot_id = ? ORDER BY run DESC LIMIT 1')
      .get(bootId);
    return row ? beliefOf(row['offset_ms'], row['clock']) : null;
  }

  /** Within a transaction: the run's row, the note, and the earlier runs of the boot that share a new belief. */
  observe(run: number, belief: ClockBelief, note?: ClockNote): void {
    this.#believe(run, belief);
    if (!note) return;
    const { monotonicMs, wallMs, source, by } = note.seen;
    this.#db
      .prepare(
        'INSERT INTO clock_observations (run, monotonic_ms, wall_ms, source, by) VALUES (?, ?, ?, ?, ?)',
      )
      .run(run, monotonicMs, wallMs, source, by);
    if (note.event) {
      this.#event({ run, ...note.event });
      for (const earlier of this.#earlierOfBoot(run)) {
        if (!inheritsBack(earlier.belief, belief)) continue;
        this.#believe(earlier.run, belief);
        this.#event({ ...note.event, run: earlier.run, before: earlier.belief });
      }
    }
    for (const table of ['clock_observations', 'clock_events'])
      this.#db.prepare(`DELETE FROM ${table} WHERE id <= (SELECT max(id) FROM ${table}) - ?`).run(NOTES_KEPT);
  }

  notes(): { observations: ClockObservation[]; events: ClockEvent[] } {
    const all = (table: string) => this.#db.prepare(`SELECT * FROM ${table} ORDER BY id`).all() as Row[];
    return {
      observations: all('clock_observations').map((row) => ({
        run: Number(row['run']),
        monotonicMs: Number(row['monotonic_ms']),
        wallMs: Number(row['wall_ms']),
        source: row['source'] as ClockSource,
        by: row['by'] as string | null,
      })),
      events: all('clock_events').map((row) => ({
        run: Number(row['run']),
        monotonicMs: Number(row['monotonic_ms']),
        before: beliefOf(row['offset_before'], row['clock_before']),
        after: beliefOf(row['offset_after'], row['clock_after']),
        why: row['why'] as ClockEvent['why'],
      })),
    };
  }

  #believe(run: number, { offsetMs, clock }: ClockBelief): void {
    this.#db.prepare('UPDATE runs SET offset_ms = ?, clock = ? WHERE run = ?').run(offsetMs, clock, run);
  }

  #event({ run, monotonicMs, before, after, why }: ClockEvent): void {
    this.#db
      .prepare(
        `INSERT INTO clock_events
           (run, monotonic_ms, offset_before, clock_before, offset_after, clock_after, why)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(run, monotonicMs, before.offsetMs, before.clock, after.offsetMs, after.clock, why);
  }

  #earlierOfBoot(run: number): { run: number; belief: ClockBelief }[] {
    const rows = this.#db
      .prepare(
        `SELECT run, offset_ms, clock FROM runs
         WHERE run < ?1 AND boot_id != ?2 AND boot_id = (SELECT boot_id FROM runs WHERE run = ?1)`,
      )
      .all(run, NO_BOOT) as Row[];
    return rows.map((row) => ({
      run: Number(row['run']),
      belief: beliefOf(row['offset_ms'], row['clock']),
    }));
  }
}

function beliefOf(offsetMs: unknown, clock: unknown): ClockBelief {
  return { offsetMs: Number(offsetMs), clock: clock as ClockSource };
}
