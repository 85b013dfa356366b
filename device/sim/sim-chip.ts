/**
 * What every simulated chip shares: bytes in, bytes out, and the knobs that make it misbehave.
 * A chip keeps its own register pointer between a write and a read, as the real ones do.
 */
import * as z from 'zod';
import type { Clock } from '../../src/shared/time.ts';

/** Faults of any chip. Changing them while it runs is what tests and the demo do. */
export interface Knobs {
  /** Answers nothing at all: pulled off its wires. */
  unplugged: boolean;
  /** Keeps measuring the value it measured last. */
  stuck: boolean;
  /** Holds the clock line: a transfer never ends. */
  hanging: boolean;
  /** Of the bytes it has to acknowledge every so many-th goes without: a bad contact. 0: none. */
  nackEvery: number;
  /** This bit of everything that it answers arrives turned over (0: highest of the first byte); −1: none. */
  flipBit: number;
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
const knobsSchema = z.strictObject({
  chip: z.string(),
  /** On an I2C bus. */
  address: z.number().optional(),
  /** Two chips with one seed make the same noise. */
  seed: z.number().int().default(1),
  unplugged: z.boolean().default(false),
  stuck: z.boolean().default(false),
  hanging: z.boolean().default(false),
  nackEvery: z.number().int().min(0).default(0),
  flipBit: z.number().int().min(-1).default(-1),
});

/** What can be done to any simulated chip from outside its wires. */
export interface Disturbable {
  readonly knobs: Knobs;
  /** Names of the quantities it measures. */
  readonly quantities: readonly string[];
  /** Makes the world around it hold `value` for a quantity, in its unit; null gives it back to the wave. */
  hold(quantity: string, value: number | null): void;
}

/** What an I2C chip does between START and STOP. Either throws NotAcknowledged where the chip would not answer. */
export interface I2cFace {
  write(bytes: Uint8Array): void;
  read(length: number): Uint8Array;
}

/** What an SPI chip does while it is selected. */
export interface SpiFace {
  transfer(bytes: Uint8Array): Uint8Array;
}

/** What a 1-Wire thermometer gives: its nine bytes of memory after a conversion. */
export interface W1Face {
  scratchpad(): Uint8Array;
  /** Checksum of the first eight bytes as this family computes it. */
  checksum(bytes: Uint8Array): number;
  conversionMs: number;
}

/** A chip on a simulated I2C bus. */
export type SimChip = Disturbable & I2cFace;

/** The chip does not acknowledge; the bus turns it into its own error. */
export class NotAcknowledged extends Error {}

/** Makes a chip as configured. Throws zod's error when a knob is not known. */
export type ChipMaker<Face> = (config: unknown, clock: Clock) => Disturbable & Face;

/**
 * A kind of chip: the quantities around it with the waves they follow unless told, and how it behaves in such a world.
 */
export function defineChip<Face>(
  waves: Readonly<Record<string, z.input<typeof waveSchema>>>,
  behave: (world: World, clock: Clock) => Face,
): ChipMaker<Face> {
  const schema = knobsSchema.extend(
    Object.fromEntries(
      Object.entries(waves).map(([name, wave]) => [name, waveSchema.default(waveSchema.parse(wave))]),
    ),
  );
  return (config, clock) => {
    const parsed = schema.parse(config) as unknown as z.infer<typeof knobsSchema>;
    const { seed, unplugged, stuck, hanging, nackEvery, flipBit } = parsed;
    const knobs = { unplugged, stuck, hanging, nackEvery, flipBit };
    const moving = Object.fromEntries(
      Object.keys(waves).map((name) => [name, (parsed as unknown as Record<string, unknown>)[name] as Wave]),
    );
    const world = new World(moving, seed, clock, knobs);
    return {
      knobs,
      quantities: world.quantities,
      hold: (quantity, value) => world.hold(quantity, value),
      ...behave(world, clock),
    };
  };
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

/** `bytes` as they would come over: `length` of them, 0xff where nobody drives the wire, one bit turned if told. */
export function overTheWire(bytes: Uint8Array, length: number, { flipBit }: Knobs): Uint8Array {
  if (bytes.length === length && flipBit < 0) return bytes;
  const come = Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0xff);
  const at = flipBit >> 3;
  if (flipBit >= 0 && at < length) come[at] = (come[at] as number) ^ (0x80 >> (flipBit & 7));
  return come;
}
