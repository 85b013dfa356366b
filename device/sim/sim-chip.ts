/**
 * What every simulated chip shares: bytes in, bytes out, and the knobs that make it misbehave.
 * A chip keeps its own register pointer between a write and a read, as the real ones do.
 */
import * as z from 'zod';
import type { Clock } from '../../src/shared/time.ts';

/** Faults and seed of any chip. Changing them while it runs is what tests and the demo do. */
export interface Knobs {
  /** Answers nothing at all: pulled off its wires. */
  unplugged: boolean;
  /** Keeps measuring the value it measured last. */
  stuck: boolean;
  /** Holds the clock line: a transfer never ends. */
  hanging: boolean;
}

/** Where a simulated quantity moves: a wave of a day (or `periodS`) around `mean`, and noise. */
export const waveSchema = z.strictObject({
  mean: z.number(),
  /** Half the way from the lowest to the highest, in the quantity's unit. */
  swing: z.number().min(0),
  /** Standard deviation, in the quantity's unit. */
  noise: z.number().min(0).default(0),
  /** Seconds of one wave; a day unless told. */
  periodS: z.number().positive().default(86_400),
});
export type Wave = z.infer<typeof waveSchema>;

/** Knobs of any chip in the configuration. */
export const knobsSchema = z.object({
  chip: z.string(),
  address: z.number(),
  /** Two chips with one seed make the same noise. */
  seed: z.number().int().default(1),
  unplugged: z.boolean().default(false),
  stuck: z.boolean().default(false),
  hanging: z.boolean().default(false),
});

/** A chip on a simulated bus. */
export interface SimChip {
  readonly address: number;
  readonly knobs: Knobs;
  /** Names of the quantities it measures. */
  readonly quantities: readonly string[];
  /** Makes the world around it hold `value` for a quantity, in its unit; null gives it back to the wave. */
  hold(quantity: string, value: number | null): void;
  write(bytes: Uint8Array): void;
  read(length: number): Uint8Array;
}

/** The world around a chip: what each quantity truly is now. */
export class World {
  readonly quantities: readonly string[];
  readonly #waves: Readonly<Record<string, Wave>>;
  readonly #clock: Clock;
  readonly #knobs: Knobs;
  readonly #random: () => number;
  readonly #held = new Map<string, number>();
  readonly #last = new Map<string, number>();

  constructor(waves: Record<string, Wave>, seed: number, clock: Clock, knobs: Knobs) {
    this.quantities = Object.keys(waves);
    this.#waves = waves;
    this.#clock = clock;
    this.#knobs = knobs;
    this.#random = mulberry32(seed);
  }

  hold(quantity: string, value: number | null): void {
    if (value === null) this.#held.delete(quantity);
    else this.#held.set(quantity, value);
  }

  /** Value of `quantity` at this moment; coldest at the start of a wave (midnight UTC), warmest half-way. */
  now(quantity: string): number {
    const last = this.#last.get(quantity);
    if (this.#knobs.stuck && last !== undefined) return last;
    const value = this.#held.get(quantity) ?? this.#wave(quantity);
    this.#last.set(quantity, value);
    return value;
  }

  #wave(quantity: string): number {
    const wave = this.#waves[quantity];
    if (!wave) return Number.NaN;
    const turn = (this.#clock.wall() / 1000 / wave.periodS) % 1;
    return wave.mean - wave.swing * Math.cos(2 * Math.PI * turn) + wave.noise * this.#gauss();
  }

  /** Box-Muller. */
  #gauss(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    return radius * Math.cos(2 * Math.PI * this.#random());
  }
}

/** A small seeded generator of numbers from 0 to under 1. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `value` rounded into `low` … `high`: what a converter of so many bits can say. */
export function clampRound(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(value)));
}
