/**
 * This life of the daemon in a small durable file, so that the next one knows how it ended.
 * Owns: the file, the timer that makes a life steady. Refuses: to stand in the way: a file that cannot be read counts
 * as none, one that cannot be written is told to the log. Called by daemon.ts; the rules are in mode-decision.ts.
 */
import { readFileSync, rmSync } from 'node:fs';
import * as z from 'zod';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { writeWhole } from '../platform/write-whole.ts';
import {
  born,
  ended,
  left,
  modeOf,
  SAFE_AFTER,
  steadied,
  STEADY_AFTER_MS,
  type LifeRecord,
  type Mode,
} from './mode-decision.ts';

const fileSchema = z.object({
  boot: z.string().max(200),
  failures: z.number().int().min(0).max(SAFE_AFTER),
  life: z.enum(['young', 'steady', 'ended']),
});

export interface Life {
  readonly mode: Mode;
  /** Why the mode is safe, in words; null in normal mode. */
  readonly reason: string | null;
  /** Normal from now on. */
  leaveSafeMode(): void;
  /** The trial was passed: this life counts as one that begins now. */
  prove(): void;
  /** It ends because it was asked to. */
  end(): void;
  /** It ends by a fault. */
  abandon(): void;
  /** It never was: another daemon lives here. The file says again what it said before. */
  withdraw(): void;
}

export interface LifeOptions {
  path: string;
  /** The kernel's id of this boot. */
  boot: string;
  /**
   * True while firmware is on trial: its deaths are the boot guard's to count, and a fix for drivers that were off must
   * have them on to prove itself. Such a life knows of none before it and leaves no trace until it is proved.
   */
  trial?: boolean;
  clock: Clock;
  log: Log;
}

/** Begins a life. Call it only when no other daemon of the same prefix runs. */
export function beginLife({ path, boot, clock, log, trial = false }: LifeOptions): Life {
  const before = trial ? null : read(path);
  let counts = !trial;
  let record = born(before, boot);
  let cancel = (): void => {};

  function write(next: LifeRecord): void {
    record = next;
    if (!counts) return;
    try {
      writeWhole(path, `${JSON.stringify(next)}\n`);
    } catch (error) {
      log('warn', 'how this life goes cannot be written down', { path, why: toMusterError(error).message });
    }
  }
  function begin(next: LifeRecord): void {
    cancel();
    write(next);
    cancel = clock.after(STEADY_AFTER_MS, () => write(steadied(record)));
  }
  begin(record);

  return {
    get mode() {
      return modeOf(record);
    },
    get reason() {
      if (modeOf(record) === 'normal') return null;
      return `the daemon died ${SAFE_AFTER} times in a row within ${STEADY_AFTER_MS / 1000} s of its start`;
    },
    leaveSafeMode: () => begin(left(record)),
    prove() {
      counts = true;
      begin(born(null, boot));
    },
    end() {
      cancel();
      write(ended(record));
    },
    abandon() {
      cancel();
    },
    withdraw() {
      cancel();
      if (before) write(before);
      else if (counts) rmSync(path, { force: true });
    },
  };
}

function read(path: string): LifeRecord | null {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
