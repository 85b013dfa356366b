/**
 * Turns hot batches into chunks, a little at a time. `run_channel.sealed` says how far each channel is, so every
 * step is a whole transaction of its own: a kill between two steps, or another process that seals the same run,
 * can neither lose a reading nor store it twice. The batches go when all their channels are past them.
 */
import { appendRows } from './chunk-table.ts';
import type { Database } from './database.ts';
import type { HotBatch, HotTable } from './hot-table.ts';
import { byChannel, type Part } from './hot-parts.ts';
import { channelsOfRun, type RunRow } from './registry.ts';

/** Readings taken up by one pass: sorting them by channel is one step. */
const PASS_ROWS = 262_144;
/** Batches decoded in a step, and rows written in a step: each a few ms. */
const STEP_BATCHES = 64;
const STEP_ROWS = 65_536;

/**
 * One pass over the oldest hot batches of a run; yields after every bounded piece of work. Answers true when there
 * was more than one pass can take, or when another process was faster and the run should be looked at again.
 */
export function* sealPass(db: Database, hot: HotTable, run: RunRow): Generator<void, boolean> {
  const sealed = [...channelsOfRun(db, run).values()].map((c) => c.sealed);
  const batches: HotBatch[] = [];
  let rows = 0;
  for (let after = sealed.length > 0 ? Math.min(...sealed) : 0; rows < PASS_ROWS;) {
    const some = db.read(() => hot.load(db, run.id, after, STEP_ROWS, STEP_BATCHES));
    if (some.length === 0) break;
    after = some.at(-1)!.batch;
    for (const one of some) rows += one.rows.us.length;
    batches.push(...some);
    yield;
  }
  const end = batches.at(-1)?.batch;
  if (end === undefined) {
    // A life that ended between the last channel and the removal leaves batches that all channels are past.
    db.write(() => {
      const [floor] = db.get('SELECT min(sealed) FROM run_channel WHERE run = ?', run.id) as (
        | number
        | null
      )[];
      hot.remove(db, run.id, floor ?? 0);
    });
    hot.sealed(db, run.id, Infinity);
    return false;
  }
  // Asked after the batches were loaded: a channel declared meanwhile may have readings in the last of them.
  const parts = byChannel(batches, channelsOfRun(db, run));
  yield;
  for (let i = 0; i < parts.length;) {
    const step: Part[] = [];
    for (let n = 0; i < parts.length && n < STEP_ROWS; n += 512 + parts[i++]!.n) step.push(parts[i]!);
    if (!sealParts(db, step, end)) {
      hot.sealed(db, run.id, 0);
      return true;
    }
    yield;
  }
  db.write(() => {
    // Channels without a reading in these batches are past them too. A channel with readings is past them already.
    db.run('UPDATE run_channel SET sealed = ? WHERE run = ? AND sealed < ?', end, run.id, end);
    hot.remove(db, run.id, end);
  });
  hot.sealed(db, run.id, end);
  return rows >= PASS_ROWS;
}

/** Stores some channels' readings, all or none; false when another process has stored one of them. */
function sealParts(db: Database, parts: readonly Part[], end: number): boolean {
  try {
    db.write(() => {
      for (const part of parts) if (!sealPart(db, part, end)) throw new Overtaken();
    });
    return true;
  } catch (thrown) {
    if (thrown instanceof Overtaken) return false;
    throw thrown;
  }
}

class Overtaken extends Error {}

/** Stores one channel's readings if nobody else did meanwhile; false when somebody did. */
function sealPart(db: Database, { channel, rows }: Part, end: number): boolean {
  const { changes } = db.run(
    'UPDATE run_channel SET sealed = ? WHERE run = ? AND idx = ? AND sealed = ?',
    end,
    channel.run.id,
    channel.index,
    channel.sealed,
  );
  if (changes !== 1) return false;
  appendRows(db, channel.channel, channel.run.id, rows);
  return true;
}
