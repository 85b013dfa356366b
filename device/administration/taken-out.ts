/** The sensors a person has taken out, remembered over restarts in a small file. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';
import { writeWhole } from '../platform/write-whole.ts';

const fileSchema = z.object({ sensors: z.array(z.string().max(60)).max(100_000) });

/** Owns the file. A file that is missing or broken means: none. */
export class TakenOut {
  readonly #path: string;
  #sensors: ReadonlySet<string>;

  constructor(path: string) {
    this.#path = path;
    this.#sensors = read(path);
  }

  /** Ids, in the order they were taken out. */
  get sensors(): ReadonlySet<string> {
    return this.#sensors;
  }

  /** Remembers one; durable before it returns. Throws REFUSED {reason} where that cannot be, and then changes nothing. */
  add(sensor: string): void {
    this.#write(new Set([...this.#sensors, sensor]));
  }

  /** Forgets one, as `add` remembers. */
  delete(sensor: string): void {
    this.#write(new Set([...this.#sensors].filter((id) => id !== sensor)));
  }

  #write(sensors: ReadonlySet<string>): void {
    try {
      writeWhole(this.#path, `${JSON.stringify({ sensors: [...sensors] })}\n`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const reason = code === 'ENOSPC' ? 'its disk is full' : `it cannot remember it (${code})`;
      throw new MusterError('REFUSED', `${this.#path} cannot be written`, { reason }, cause);
    }
    this.#sensors = sensors;
  }
}

function read(path: string): ReadonlySet<string> {
  try {
    return new Set(fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).sensors);
  } catch {
    return new Set();
  }
}
