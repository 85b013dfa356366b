/**
 * How Sensirion's simulated chips take commands and answer in words with checksums. An unknown command, a damaged
 * argument, and reading before the answer is there all go without acknowledge, as the data sheets have it.
 */
import type { Clock } from '../../src/shared/time.ts';
import { crc8 } from '../bus/crc8.ts';
import { clampRound, NotAcknowledged, type I2cFace, type World } from './sim-chip.ts';

export interface Command {
  /** How many words follow the command. */
  takes?: number;
  /** Ms until the answer is there. */
  afterMs: number;
  /** Words of the answer, made when it is there; none where there is nothing to read. */
  answer: (words: readonly number[]) => readonly number[];
}

/** The air of a room, as thermometers of the family see it. */
export const AIR_WORLD = {
  temperature: { mean: 20, swing: 5, noise: 0.03 },
  humidity: { mean: 55, swing: 12, noise: 0.1 },
};

/** The temperature as a word: −45 to 130 °C. */
export function temperatureWord(world: World): number {
  return clampRound(((world.now('temperature') + 45) / 175) * 65_535, 0, 65_535);
}

/** The humidity as a word that goes from `low` to `high` %RH. */
export function humidityWord(world: World, low = 0, high = 100): number {
  return clampRound(((world.now('humidity') - low) / (high - low)) * 65_535, 0, 65_535);
}

/** A chip with such commands, of `width` bytes each. */
export function sensirion(commands: Readonly<Record<number, Command>>, width: 1 | 2, clock: Clock): I2cFace {
  let readyAt = Number.POSITIVE_INFINITY;
  let answer: () => readonly number[] = () => [];

  return {
    write(bytes) {
      if (bytes.length === 0) return;
      const code = width === 1 ? bytes[0] : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      const known = bytes.length >= width ? commands[code ?? -1] : undefined;
      const rest = bytes.subarray(width);
      if (!known || rest.length !== 3 * (known.takes ?? 0)) throw new NotAcknowledged();
      const words: number[] = [];
      for (let at = 0; at < rest.length; at += 3) {
        if (crc8(rest.subarray(at, at + 2)) !== rest[at + 2]) throw new NotAcknowledged();
        words.push(((rest[at] ?? 0) << 8) | (rest[at + 1] ?? 0));
      }
      readyAt = clock.monotonic() + known.afterMs;
      answer = () => known.answer(words);
      // a command without an answer takes effect at once
      if (known.afterMs === 0) answer();
    },
    read() {
      const words = clock.monotonic() >= readyAt ? answer() : [];
      readyAt = Number.POSITIVE_INFINITY;
      if (words.length === 0) throw new NotAcknowledged();
      const bytes = new Uint8Array(3 * words.length);
      for (const [i, word] of words.entries()) {
        const pair = Uint8Array.of(word >> 8, word & 0xff);
        bytes.set(pair, 3 * i);
        bytes[3 * i + 2] = crc8(pair);
      }
      return bytes;
    },
  };
}
