/** The documents that were in force: their texts by hash, and who brought which one when. The oldest go first. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  configurationVersionSchema,
  type ConfigurationVersion,
} from '../../src/shared/device-configuration-calls.ts';
import { writeWhole } from '../platform/write-whole.ts';

/** How many entries of the history are kept. */
const KEPT = 20;

const historySchema = z.array(configurationVersionSchema);

/** Sha256 of a document, hex. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export class Versions {
  readonly #folder: string;

  /** `folder` is made when the first version is kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Oldest first. A damaged file is an empty history: it decides nothing. */
  get history(): ConfigurationVersion[] {
    try {
      return historySchema.parse(JSON.parse(readFileSync(this.#historyPath, 'utf8')));
    } catch {
      return [];
    }
  }

  /** The text with this hash; null when it is not kept, or no longer what it was. */
  text(hash: string): string | null {
    try {
      const text = readFileSync(this.#textPath(hash), 'utf8');
      return hashOf(text) === hash ? text : null;
    } catch {
      return null;
    }
  }

  /** Keeps a text, durably; its hash. */
  keep(text: string): string {
    const hash = hashOf(text);
    if (this.text(hash) !== null) return hash;
    mkdirSync(this.#folder, { recursive: true });
    writeWhole(this.#textPath(hash), text);
    return hash;
  }

  /** Adds an entry and forgets what is too old, but never the texts in `needed`. */
  note(entry: ConfigurationVersion, needed: readonly string[]): void {
    const history = [...this.history, entry].slice(-KEPT);
    mkdirSync(this.#folder, { recursive: true });
    writeWhole(this.#historyPath, `${JSON.stringify(history, null, 1)}\n`);
    const wanted = new Set([...history.map(({ hash }) => hash), ...needed].map((hash) => `${hash}.yaml`));
    for (const file of readdirSync(this.#folder))
      if (file.endsWith('.yaml') && !wanted.has(file)) rmSync(join(this.#folder, file), { force: true });
  }

  get #historyPath(): string {
    return join(this.#folder, 'history.json');
  }

  #textPath(hash: string): string {
    return join(this.#folder, `${hash}.yaml`);
  }
}
