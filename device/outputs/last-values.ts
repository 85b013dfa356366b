/** What was commanded last, remembered over restarts in a small file for outputs that begin with it. */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import * as z from 'zod';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { outputValueSchema } from '../../src/shared/output.ts';

const fileSchema = z.object({ last: z.record(z.string().max(60), outputValueSchema) });

/** Owns the file. A file that is missing or broken means: nothing is known. */
export class LastValues {
  readonly #path: string;
  readonly #log: Log;
  #values: Readonly<Record<string, number>>;
  #written: Readonly<Record<string, number>>;
  #writing: Promise<void> | null = null;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#values = read(path);
    this.#written = this.#values;
  }

  get values(): Readonly<Record<string, number>> {
    return this.#values;
  }

  /** Remembers a value; durable when the promise settles, or else the log says why not. Never rejects. */
  async note(output: string, value: number): Promise<void> {
    if (this.#values[output] === value) return this.#writing ?? undefined;
    this.#values = { ...this.#values, [output]: value };
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#written !== this.#values) {
      const last = this.#values;
      this.#written = last;
      try {
        const file = await open(`${this.#path}.new`, 'w', 0o640);
        try {
          await file.write(`${JSON.stringify({ last })}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(`${this.#path}.new`, this.#path);
      } catch (error) {
        const why = toMusterError(error).message;
        this.#log('warn', 'the last values of outputs cannot be remembered', { path: this.#path, why });
      }
    }
  }
}

function read(path: string): Readonly<Record<string, number>> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).last;
  } catch {
    return {};
  }
}
