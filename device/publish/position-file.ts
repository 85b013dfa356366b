/**
 * Where a publisher stands in the journal, kept over restarts: written whole, after the receiver has taken what it says.
 * A file that is broken counts as missing, so that the publisher begins anew rather than not at all.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Log } from '../../src/shared/log.ts';
import { cursorSchema } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { writeWhole } from '../platform/write-whole.ts';

const positionSchema = z.object({
  /** All up to here has been taken; null: send from the oldest that is kept. */
  after: cursorSchema.nullable(),
  /**
   * Last batch of a delivery that is under way; null: one of a single batch, or none. After a restart the same batches
   * go together again, under the same name, so that the receiver can drop what it has.
   */
  through: cursorSchema.nullable(),
  /** Readings taken on that day. */
  sent: z.object({ day: z.string().max(10), readings: z.number().int().min(0) }),
  lostBatches: z.number().int().min(0),
});
export type Position = z.infer<typeof positionSchema>;

export interface Positions {
  /** Null: this publisher never ran. */
  read(): Position | null;
  write(position: Position): void;
}

export function positionFile(path: string, log: Log): Positions {
  return {
    read() {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw thrown;
      }
      try {
        return positionSchema.parse(JSON.parse(text));
      } catch {
        log('error', 'the place of a publisher in the journal is not readable; it begins anew', { path });
        return null;
      }
    },
    write(position) {
      mkdirSync(dirname(path), { recursive: true });
      writeWhole(path, `${JSON.stringify(position)}\n`);
    },
  };
}

/** The day it is by the device's own calendar. */
export function dayOf(clock: Clock): string {
  const now = new Date(clock.wall());
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
}
