/**
 * Which channels Home Assistant was told of, kept over restarts: what is not configured any more is taken back.
 * Owns: the file, and what of it is out of date.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import { writeWhole } from '../platform/write-whole.ts';

/** Retained topic → what it is of. */
const fileSchema = z.record(z.string(), z.object({ sensor: z.string(), driver: z.string() }));

/** True where the sensor is configured, and still what it was. `sensors`: drivers by id. */
export function isCurrent(
  sensors: Readonly<Record<string, string>>,
  { sensor, driver }: Pick<ChannelInfo, 'sensor' | 'driver'>,
): boolean {
  return Object.hasOwn(sensors, sensor) && sensors[sensor] === driver;
}

export class Announced {
  readonly #path: string;
  readonly #topics: z.infer<typeof fileSchema>;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#topics = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      // missing, or broken: then some entity may stay, which a person can delete
      this.#topics = {};
    }
  }

  /** Topics that nothing stands behind any more. `sensors`: those there are, by id, with their driver. */
  outdated(sensors: Readonly<Record<string, string>>): string[] {
    return Object.entries(this.#topics).flatMap(([topic, of]) => (isCurrent(sensors, of) ? [] : [topic]));
  }

  /** To be noted before it is said: what was said and not noted could never be taken back. */
  note(topic: string, { sensor, driver }: Pick<ChannelInfo, 'sensor' | 'driver'>): void {
    const known = this.#topics[topic];
    if (known?.sensor === sensor && known.driver === driver) return;
    this.#topics[topic] = { sensor, driver };
    this.#write();
  }

  forget(topics: readonly string[]): void {
    if (topics.length === 0) return;
    for (const topic of topics) delete this.#topics[topic];
    this.#write();
  }

  #write(): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeWhole(this.#path, `${JSON.stringify(this.#topics)}\n`);
  }
}
